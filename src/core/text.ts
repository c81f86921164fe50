/**
 * Text that somebody else wrote, made safe for a terminal.
 *
 * A holder identity is whatever bytes a client put into a record: escape sequences that move the cursor, set the
 * title or write the clipboard, newlines that forge rows, overrides that reverse the order of what is read.
 * Every string from a cluster goes through here before it is printed; structured output escapes by its own rules.
 */

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '^[' };

function spell(char: string): string {
  const named = NAMED[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0) as number;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** True of nearly every text: nothing in it has to be spelled out, and every character takes one cell. */
export function isPrintableAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** The text on one line, with everything put by `spelled` that a terminal would execute, hide or be told to reorder. */
export function respelled(text: string, spelled: (char: string) => string): string {
  if (isPrintableAscii(text)) return text;
  return (
    text
      // Control characters (C0, DEL, C1), line and paragraph separators, invisible formatting and bidirectional
      // controls, tags, lone surrogates and non-characters. Written by category so that a future Unicode addition is
      // covered, and here, since such an expression takes long to prepare and is seldom needed.
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu, (char) => spelled(char))
      // More marks than any script puts on one letter: they would smear over the rows around.
      .replace(/(?<=\p{M}{3})\p{M}/gu, (char) => spelled(char))
  );
}

/** The text as people are shown it. */
export function printable(text: string): string {
  return respelled(text, spell);
}
