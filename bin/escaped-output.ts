import { StringDecoder } from 'node:string_decoder';
import { Writable } from 'node:stream';
import { visibleLine, visibleText } from '../operating/index.ts';

/**
 * What this program itself has a terminal do: begin the current line anew. Nothing else ever reaches a terminal as a
 * command.
 */
class RedrawnLine {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const BEGIN_LINE_ANEW = '\r\u001b[K';

/**
 * The one way to a command's stdout and stderr. All text that is written comes out with what can't be seen escaped,
 * whoever wrote it, but for line ends (LF); bytes are taken for UTF-8. The bar of progress moves by `redraw` alone.
 */
export class EscapedOutput extends Writable {
  readonly #inner: Writable;
  readonly #decoder = new StringDecoder('utf8');

  constructor(inner: Writable) {
    super({ objectMode: true, decodeStrings: false });
    this.#inner = inner;
    // Whoever made `inner` deals with its faults; whoever writes is told by the callback.
    this.on('error', ignore);
  }

  /** Whether a person is looking, rather than a file or another program. */
  get isTTY(): boolean {
    return 'isTTY' in this.#inner && this.#inner.isTTY === true;
  }

  /** Puts `text` in the place of the line that the cursor is in. */
  redraw(text: string): void {
    this.write(new RedrawnLine(text));
  }

  override _write(chunk: unknown, _: string, done: (error?: Error | null) => void): void {
    let isDone = false;
    const settle = (error?: Error | null): void => {
      if (isDone) return;
      isDone = true;
      done(error);
    };
    // What fits goes on at once, so that nothing waits here when the process is ended.
    if (this.#inner.write(this.#shown(chunk), settle)) settle();
  }

  #shown(chunk: unknown): string {
    if (chunk instanceof RedrawnLine) return BEGIN_LINE_ANEW + visibleLine(chunk.text);
    return visibleText(chunk instanceof Uint8Array ? this.#decoder.write(Buffer.from(chunk)) : String(chunk));
  }
}

function ignore(): void {}
