import type { CdrContent } from '../../rater/index.ts';
import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';

/** The first text of a call that a canonical record cannot hold: too long, with a NUL, or with half a character. */
export function textFault(content: CdrContent): string | null {
  const { switchId, callId, legId, line, dialled, calling, userAgent, transferredBy, diversions } = content;
  const texts = [switchId, callId, legId, line, dialled, calling, userAgent, transferredBy, ...diversions];
  return texts.find((text): text is string => text !== null && !isHoldable(text)) ?? null;
}

function isHoldable(text: string): boolean {
  return text.length <= MAX_TEXT_LENGTH && !text.includes('\0') && text.isWellFormed();
}
