import { describe, expect, it } from 'vitest';
import { loggableError } from '../../operating/index.ts';
import { PROJECT_ROOT, sourceFiles } from '../support/source-files.ts';

/** Errors that never say a word in a log, and why. */
const UNSAID: Readonly<Record<string, string>> = {
  ProvisioningError: 'quotes the fields of a file that a person imports',
  StaleStateError: 'has the task tried again, and reaches no log',
  StaleLegsError: 'has the task tried again, and reaches no log',
  StaleCatalogueError: 'has the task tried again, and reaches no log',
  LinesMissingError: 'has the task tried again, and reaches no log',
  CopyNotBegunError: 'has the task tried again, and reaches no log',
  WithdrawnError: 'undoes what a service refuses, and never leaves the services',
  ChangeRefusedError: 'carries the error that a change was refused with to who asked for it',
  UnlockedBucketError: 'has the task tried again, and reaches no log',
  PrivateTargetError: 'becomes the code of a delivery, and reaches no log',
  FieldFault: 'quotes a field of a record; becomes a fault of it',
  LongTextFault: 'quotes a record; becomes a fault of it',
};

describe('loggableError()', () => {
  it('gives the message of each kind of error that we throw for an operator', async () => {
    const mute: string[] = [];
    for (const { path, text } of sourceFiles(
      'formats',
      'ledger',
      'operating',
      'kafka',
      'engine',
      'ingest',
      'services',
      'relay',
    )) {
      const names = [...text.matchAll(/class (\w+) extends \w*(?:Error|Fault)\b/g)].map(([, name = '']) => name);
      if (names.length === 0) continue;
      const exported: Record<string, unknown> = await import(`${PROJECT_ROOT}${path}`);
      for (const name of names) {
        const type = exported[name];
        const isSaid = typeof type === 'function' && messageOf(type) === 'what to do';
        if (!isSaid) mute.push(name);
      }
    }
    expect(mute.toSorted()).toEqual(Object.keys(UNSAID).toSorted());
  });
});

function messageOf(type: Function): string | null {
  return loggableError(Object.assign(Object.create(type.prototype), { message: 'what to do' })).message;
}
