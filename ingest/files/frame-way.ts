import type { RecordFraming } from '../../formats/index.ts';
import { frameDocuments, frameLines, type FrameRecords } from './frame-records.ts';
import { frameBlocks, frameXml } from './frame-text.ts';

/** How each format's records are cut out of a stream. */
export const FRAMING_WAYS: Readonly<Record<RecordFraming, FrameRecords>> = {
  lines: frameLines,
  'json-documents': frameDocuments,
  'xml-documents': frameXml,
  'text-blocks': frameBlocks,
};
