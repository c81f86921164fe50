/**
 * Makes a picture of a terminal: `tmux capture-pane -e -p | node scripts/picture.ts > docs/images/list.svg`.
 * Reads text with SGR sequences, the only ones that tmux prints; writes SVG.
 */
import { readFileSync } from 'node:fs';

const CELL = { width: 8.4, height: 19 };
const PADDING = 14;
const COLORS = ['#45475a', '#f38ba8', '#a6e3a1', '#f9e2af', '#89b4fa', '#cba6f7', '#94e2d5', '#cdd6f4'];
const BACKGROUND = '#1e1e2e';
const FOREGROUND = '#cdd6f4';

interface Style {
  color: string | null;
  bold: boolean;
  dim: boolean;
  reverse: boolean;
}

const PLAIN: Style = { color: null, bold: false, dim: false, reverse: false };

function styled(before: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...before, bold: true };
  if (code === 2) return { ...before, dim: true };
  if (code === 7) return { ...before, reverse: true };
  if (code === 22) return { ...before, bold: false, dim: false };
  if (code === 27) return { ...before, reverse: false };
  if (code === 39) return { ...before, color: null };
  if (code >= 30 && code <= 37) return { ...before, color: COLORS[code - 30] ?? null };
  if (code >= 90 && code <= 97) return { ...before, color: COLORS[code - 90] ?? null };
  return before;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function piece(text: string, column: number, row: number, style: Style): string {
  const x = PADDING + column * CELL.width;
  const y = PADDING + row * CELL.height;
  const color = style.color ?? FOREGROUND;
  const fill = style.reverse ? BACKGROUND : color;
  const box = style.reverse
    ? `<rect x="${x.toFixed(1)}" y="${y}" width="${(text.length * CELL.width).toFixed(1)}" height="${CELL.height}" fill="${color}"/>`
    : '';
  if (text.trim() === '') return box;
  const weight = style.bold ? ' font-weight="bold"' : '';
  const opacity = style.dim ? ' opacity="0.65"' : '';
  const length = (text.length * CELL.width).toFixed(1);
  return `${box}<text x="${x.toFixed(1)}" y="${y + 14}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${fill}"${weight}${opacity} xml:space="preserve">${escaped(text)}</text>`;
}

const lines = readFileSync(0, 'utf8').replace(/\n+$/, '').split('\n');
let style = PLAIN;
let widest = 0;
const drawn = lines.map((line, row) => {
  let column = 0;
  let svg = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal's text is styled with.
  for (const [, codes, text = ''] of line.matchAll(/(?:\u001b\[([\d;]*)m)?([^\u001b]*)/g)) {
    if (codes !== undefined) style = codes.split(';').map(Number).reduce(styled, style);
    if (text !== '') svg += piece(text, column, row, style);
    column += text.length;
  }
  widest = Math.max(widest, column);
  return svg;
});
const width = Math.ceil(widest * CELL.width + 2 * PADDING);
const height = lines.length * CELL.height + 2 * PADDING;
console.log(
  `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">
<title>kubectl leader</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${drawn.filter((svg) => svg !== '').join('\n')}
</svg>`,
);
