import type { TextSink } from './host.ts';

/** One line that is written over and over, on a terminal only; null takes it away. */
export function statusLine(sink: TextSink): (text: string | null) => void {
  let shown = '';
  return (text) => {
    const line = text ?? '';
    if (!sink.isTTY || line === shown) return;
    sink.write(`\r\u001b[K${line}`);
    shown = line;
  };
}
