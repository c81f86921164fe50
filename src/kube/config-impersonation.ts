import type { UserEntry } from './kubeconfig.ts';

/** A header may carry any text as UTF-8, which node:http wants spelled byte by byte. */
function headerValue(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Extra keys become header names: what a header name cannot carry is percent-escaped, and the percent itself. */
function headerKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** The headers that ask the API server to act as somebody else; none without a user name. An array is one line a value. */
export function impersonation(user: UserEntry): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (user.as === '') return headers;
  headers['Impersonate-User'] = headerValue(user.as);
  if (user.asUid !== '') headers['Impersonate-Uid'] = headerValue(user.asUid);
  if (user.asGroups.length > 0) headers['Impersonate-Group'] = user.asGroups.map(headerValue);
  for (const [key, values] of user.asUserExtra) {
    headers[`Impersonate-Extra-${headerKey(key)}`] = values.map(headerValue);
  }
  return headers;
}
