import { Text } from 'ink';
import type { ReactNode } from 'react';
import { ansi, type Line } from '../spans.ts';

/** One line of the screen. Never longer than the screen is wide, so it is never wrapped or cut by the library. */
export function LineText({
  line,
  color,
  label,
}: {
  line: Line;
  color: boolean;
  /** What a screen reader says instead. */
  label?: string;
}): ReactNode {
  const text = ansi(line, color);
  const spoken = label === undefined || label === '' ? {} : { 'aria-label': label };
  return (
    <Text wrap="truncate-end" {...spoken}>
      {text === '' ? ' ' : text}
    </Text>
  );
}

/** Lines below each other, filled up with empty ones to `rows`. */
export function Lines({
  lines,
  rows,
  color,
}: {
  lines: readonly Line[];
  rows: number;
  color: boolean;
}): ReactNode {
  const filled = [...lines, ...Array.from({ length: Math.max(0, rows - lines.length) }, (): Line => [])];
  return filled.map((line, at) => <LineText key={String(at)} line={line} color={color} />);
}
