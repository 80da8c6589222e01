import type { CdrContent } from '../../rater/index.ts';
import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';

/** The first text of a call that a canonical record cannot hold: too long, with a NUL, or with half a character. */
export function textFault(content: CdrContent): string | null {
  const { switchId, callId, legId, line, dialled, calling, userAgent, transferredBy, diversions } = content;
  // One after the other: a list of them took longer than looking at them.
  if (!isHoldable(switchId)) return switchId;
  if (!isHoldable(callId)) return callId;
  if (!isHoldable(legId)) return legId;
  if (!isHoldable(line)) return line;
  if (!isHoldable(dialled)) return dialled;
  if (calling !== null && !isHoldable(calling)) return calling;
  if (userAgent !== null && !isHoldable(userAgent)) return userAgent;
  if (transferredBy !== null && !isHoldable(transferredBy)) return transferredBy;
  return diversions.find((text) => !isHoldable(text)) ?? null;
}

function isHoldable(text: string): boolean {
  return text.length <= MAX_TEXT_LENGTH && !text.includes('\0') && text.isWellFormed();
}
