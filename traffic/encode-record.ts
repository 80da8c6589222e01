import { isoText } from './iso-text.ts';
import type { TrafficRecord } from './traffic-record.ts';

/**
 * One canonical CDR, version 1, as JSON without a line end. The texts of generated records have nothing that JSON would
 * escape, so they are put together by hand, in less than half the time of `JSON.stringify`; a test reads it back.
 */
export function encodeRecord(record: TrafficRecord): string {
  const { legId, calling, startedAt, userAgent, sourceIp, transferredBy, mobilityUsed, revision, kind } = record;
  let text = `{"v":1,"switch":"${record.switchId}","call":"${record.callId}"`;
  if (legId !== '') text += `,"leg":"${legId}"`;
  text += `,"line":"${record.line}","to":"${record.dialled}"`;
  if (calling !== null) text += `,"from":"${calling}"`;
  text += startedAt === null ? ',"answered":null' : `,"answered":"${isoText(startedAt)}"`;
  text += `,"durationMs":${record.durationMs}`;
  if (userAgent !== null) text += `,"ua":"${userAgent}"`;
  if (sourceIp !== null) text += `,"ip":"${sourceIp}"`;
  if (record.diversions.length > 0) text += `,"diversions":${JSON.stringify(record.diversions)}`;
  if (transferredBy !== null) text += `,"transferredBy":"${transferredBy}"`;
  if (mobilityUsed !== null) text += `,"mobility":${mobilityUsed}`;
  if (revision !== 0) text += `,"revision":${revision}`;
  if (kind !== 'call') text += `,"kind":"${kind}"`;
  return `${text}}`;
}

/** The same content written otherwise: other order of keys, defaults spelled out, the start with an offset. */
export function encodeOtherwise(record: TrafficRecord): string {
  const { startedAt } = record;
  return JSON.stringify({
    answered: startedAt === null ? null : `${new Date(startedAt + 3_600_000).toISOString().slice(0, -1)}+01:00`,
    durationMs: record.durationMs,
    to: record.dialled,
    line: record.line,
    from: record.calling,
    ip: record.sourceIp,
    ua: record.userAgent,
    transferredBy: record.transferredBy,
    diversions: record.diversions,
    mobility: record.mobilityUsed,
    kind: record.kind,
    revision: record.revision,
    leg: record.legId,
    call: record.callId,
    switch: record.switchId,
    v: 1,
  });
}
