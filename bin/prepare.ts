import { prepareLedger } from '../ledger/index.ts';
import { unforeseenFault } from './unforeseen-fault.ts';

// Run by `npm ci`, and when the image is built. Without what it makes, all works as well, and takes longer.
try {
  if (await prepareLedger()) process.stderr.write('Prepared what new embedded ledgers begin as\n');
} catch (cause) {
  for (const line of unforeseenFault(cause, process.env)) process.stderr.write(`${line}\n`);
  process.stderr.write('Cannot prepare what new embedded ledgers begin as: each takes some seconds to make\n');
}
process.exit();
