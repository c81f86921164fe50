import type { ScalarLayout } from 'js-yaml';
import { printable, respelled } from '../core/text.ts';

/** The lines with every character that a terminal would not simply draw spelled by `spell`. */
function escapeUnprintable(text: string, spell: (char: string) => string): string {
  return text
    .split('\n')
    .map((line) => respelled(line, spell))
    .join('\n');
}

function jsonEscape(char: string): string {
  return Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}

function yamlEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code <= 0xffff
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** JSON, indented as kubectl does it, that is also safe to print to a terminal. */
export function toJson(value: unknown): string {
  return `${escapeUnprintable(JSON.stringify(value, null, 4), jsonEscape)}\n`;
}

/** JSON on one line. */
export function toJsonLine(value: unknown): string {
  return `${escapeUnprintable(JSON.stringify(value), jsonEscape)}\n`;
}

/** YAML that is also safe to print to a terminal. */
export async function toYaml(value: unknown): Promise<string> {
  const { DEFAULT_SCALAR_STYLE_RULES, SCALAR_STYLE, dump } = await import('js-yaml');
  // Escapes exist in double quotes only, so whatever will need one is put there.
  const quoteUnprintable = (layout: ScalarLayout): void => {
    if (layout.style === SCALAR_STYLE.PLAIN && printable(layout.node.value) !== layout.node.value) {
      layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
    }
  };
  const scalarStyleRules = [quoteUnprintable, ...Object.values(DEFAULT_SCALAR_STYLE_RULES)];
  const text = dump(value, { lineWidth: -1, noRefs: true, seqNoIndent: true, scalarStyleRules });
  return escapeUnprintable(text, yamlEscape);
}
