/** Why an embedded database is over; `null` while it lives. */
export interface PgliteDeath {
  cause: Error | null;
}

/**
 * How PGlite tells that PostgreSQL jumps back to its main loop after an error of a statement: all others are its end.
 */
const JUMP_BACK = 100;

/** The functions of PGlite's WebAssembly through which statements go. */
const LOOP = '_PostgresMainLoopOnce';
const AFTER_EACH = ['_PostgresSendReadyForQueryIfNecessary', '_pgl_pq_flush'];

/**
 * Has a statement in which PostgreSQL gives up (it panics, as on a full disk, or its memory is spoilt) fail with what
 * `describe` makes of it, and all later ones too. PGlite 0.5 takes any exception for an error of the statement and runs
 * the main loop of what is dead again, for ever, and no signal comes through.
 */
export function guardMainLoop(module: object, death: PgliteDeath, describe: (cause: unknown) => Error): void {
  const runOnce = functionOf(module, LOOP);
  Reflect.set(module, LOOP, () => {
    if (death.cause === null) {
      try {
        return runOnce();
      } catch (cause) {
        if (Reflect.get(Object(cause), 'status') === JUMP_BACK) throw cause;
        death.cause = describe(cause);
      }
    }
    throw wayOut(death.cause);
  });
  for (const name of AFTER_EACH) {
    const run = functionOf(module, name);
    Reflect.set(module, name, () => (death.cause === null ? run() : 0));
  }
}

/** PGlite asks what it caught for its `status`, and catches nothing that comes of that: the one way out of its loop. */
function wayOut(cause: Error): unknown {
  return Object.defineProperty({}, 'status', {
    get() {
      throw cause;
    },
  });
}

function functionOf(module: object, name: string): () => unknown {
  const found: unknown = Reflect.get(module, name);
  if (typeof found !== 'function') throw new Error(`Cannot guard PGlite: it has no '${name}'`);
  return () => Reflect.apply(found, module, []);
}
