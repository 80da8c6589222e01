import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { LOCK_FOLDER, type LockProof, verifyLock } from './directory-lock.ts';

/** Between two statements, the lock is looked at again before a write when so long has passed. */
const VERIFY_AFTER_MS = 100;

/** What we reach of Emscripten's file system on this machine's files (`NODEFS`), whose functions are replaced. */
interface NodeFiles {
  readonly node_ops: {
    mknod: (parent: unknown, name: string, mode: number, device: number) => unknown;
    readdir: (node: unknown) => string[];
    setattr: (node: unknown, attributes: { mode?: number | undefined }) => void;
  };
  readonly stream_ops: {
    write: (stream: OpenFile, ...rest: unknown[]) => number;
    setattr: (stream: OpenFile, attributes: { mode?: number | undefined }) => void;
    fsync?: (stream: OpenFile) => number;
  };
  tryFSOperation<T>(run: () => T): T;
}

interface OpenFile {
  /** The file's descriptor in this process. */
  readonly nfd: number;
}

type Options = Parameters<NodeFS['init']>[1];

/**
 * The folder as PGlite's file system, better than PGlite makes it: what PostgreSQL wants on disk is there when it
 * goes on (`fsync`), files are their owner's alone, the lock's own folder is not PostgreSQL's, and nothing is written
 * to a folder that is no more ours.
 */
export class LockedFolder extends NodeFS {
  readonly #proof: LockProof;

  constructor(proof: LockProof) {
    super(proof.directory);
    this.#proof = proof;
  }

  override async init(pg: PGlite, options: Options): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options);
    const amend = (module: unknown): void => amendFiles(nodeFilesOf(module), this.#proof);
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [amend, ...(emscriptenOpts.preRun ?? [])] } };
  }
}

function amendFiles({ node_ops, stream_ops, tryFSOperation }: NodeFiles, proof: LockProof): void {
  const { mknod, readdir } = node_ops;
  node_ops.mknod = (parent, name, mode, device) => mknod(parent, name, ownerOnly(mode), device);
  node_ops.readdir = (node) => readdir(node).filter((name) => name !== LOCK_FOLDER);
  for (const operations of [node_ops, stream_ops]) amendSetattr(operations);
  // Emscripten calls it for `fsync`; without it, `fsync` does nothing and says that all is well.
  stream_ops.fsync = ({ nfd }) => {
    tryFSOperation(() => fsyncSync(nfd));
    return 0;
  };
  let verifiedAt = performance.now();
  const { write } = stream_ops;
  stream_ops.write = (stream, ...rest) => {
    if (performance.now() - verifiedAt > VERIFY_AFTER_MS) {
      verifyLock(proof);
      verifiedAt = performance.now();
    }
    return write(stream, ...rest);
  };
}

function amendSetattr<Of>(operations: { setattr: (of: Of, attributes: { mode?: number | undefined }) => void }): void {
  const { setattr } = operations;
  operations.setattr = (of, attributes) => {
    const { mode } = attributes;
    setattr(of, mode === undefined || mode === null ? attributes : { ...attributes, mode: ownerOnly(mode) });
  };
}

/** The kind of the file stays in it. */
function ownerOnly(mode: number): number {
  return mode & ~0o077;
}

function nodeFilesOf(module: unknown): NodeFiles {
  return Reflect.get(Object(module), 'NODEFS');
}
