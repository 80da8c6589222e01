// Shows every second that the owner of a folder lives, in a thread of its own: nothing that the others do delays it.
// Plain JavaScript, and no file beside it, on purpose: so the thread begins in no time.
import { readFileSync, writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { ownerFile, ownerText, beatFile, everyMs } = workerData;
let count = 0;

const timer = setInterval(beat, everyMs);
beat();

function beat() {
  try {
    if (readFileSync(ownerFile, 'utf8') !== ownerText) {
      // The folder is another's: whoever writes there next is told so, and stops.
      clearInterval(timer);
      return;
    }
    count += 1;
    writeFileSync(beatFile, `${count}\n`, { mode: 0o600 });
  } catch {
    // A full disk, or a network that is away for a moment: the next beat may come through.
  }
}
