import { HOSTNAME_LABEL } from '../core/node-facts.ts';

/** So many host names are put into one selector. */
const NAMES_A_SELECTOR = 200;

/** What a label's value may look like: nothing else can be put into a selector. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Label selectors that together fit the Nodes with one of these host names. */
export function hostnameSelectors(hostnames: readonly string[]): string[] {
  const values = hostnames.filter((name) => LABEL_VALUE.test(name));
  return Array.from({ length: Math.ceil(values.length / NAMES_A_SELECTOR) }, (_, part) => {
    const some = values.slice(part * NAMES_A_SELECTOR, (part + 1) * NAMES_A_SELECTOR);
    return `${HOSTNAME_LABEL} in (${some.join(',')})`;
  });
}
