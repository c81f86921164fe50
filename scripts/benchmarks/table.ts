import { loadavg } from 'node:os';

/** Prints a Markdown table: the first column is text, the others are numbers with their units. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const all = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(4, ...all.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width))).join(' | ')} |`;
  const rule = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  console.log(`\n${title}\n`);
  console.log([line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n'));
}

export function ms(value: number): string {
  return Number.isNaN(value) ? 'n/a' : `${Math.round(value)} ms`;
}

export function mib(value: number): string {
  return Number.isNaN(value) ? 'n/a' : `${Math.round(value)} MiB`;
}

export function bytes(value: number): string {
  if (Number.isNaN(value)) return 'n/a';
  if (value < 1_000_000) return `${(value / 1_000).toFixed(1)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

export function ratio(value: number, to: number): string {
  return (value / to).toFixed(2);
}

/** How busy the machine is: runnable processes over the last minute, on average. */
export function load(): string {
  return `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
}
