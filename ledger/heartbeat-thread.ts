import { writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { textOf } from './lock-owner.ts';

/** Shows every second that the owner of a folder lives, in a thread of its own: nothing that the others do delays it. */
export interface Heartbeat {
  readonly ownerFile: string;
  readonly ownerText: string;
  readonly beatFile: string;
  readonly everyMs: number;
}

const { ownerFile, ownerText, beatFile, everyMs }: Heartbeat = workerData;
let count = 0;

const timer = setInterval(beat, everyMs);
beat();

function beat(): void {
  try {
    if (textOf(ownerFile) !== ownerText) {
      // The folder is another's, or gone: whoever writes there next is told so, and stops.
      clearInterval(timer);
      return;
    }
    count += 1;
    writeFileSync(beatFile, `${count}\n`, { mode: 0o600 });
  } catch {
    // A full disk or a network that is away for a moment: the next beat may come through.
  }
}
