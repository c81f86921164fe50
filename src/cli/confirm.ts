import { createInterface } from 'node:readline';
import { confirms } from '../core/confirmation.ts';

/** Asks a person for one line. Resolves to null when the input ends, or the signal aborts, before there is one. */
export type Ask = (question: string, signal: AbortSignal) => Promise<string | null>;

/**
 * Asks through a pair of streams, a line at a time: the terminal is left in its ordinary mode, so that ctrl-C arrives as
 * a signal and there is nothing to be restored.
 */
export function askThrough(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Ask {
  return (question, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve(null);
        return;
      }
      const lines = createInterface({ input, terminal: false });
      let answer: string | null = null;
      const end = (): void => lines.close();
      lines.once('line', (line) => {
        answer = line;
        end();
      });
      lines.once('close', () => {
        // No newline was typed, so the cursor still stands behind the question.
        if (answer === null) output.write('\n');
        signal.removeEventListener('abort', end);
        resolve(answer);
      });
      signal.addEventListener('abort', end, { once: true });
      output.write(question);
    });
}

/** Whether the user typed the name of what is about to be changed. */
export async function confirmed(
  ask: Ask,
  { name, toDo }: { name: string; toDo: string },
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await ask(`Type ${name} to ${toDo}: `, signal);
  return confirms(answer, name);
}
