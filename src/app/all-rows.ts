import type { ClusterObject } from '../core/cluster-object.ts';
import { canonicalAddress } from '../core/host-name.ts';
import { podFromRow } from '../core/pod-facts.ts';
import type { PrintedRow } from './ports.ts';

/** Values by their key; null for a key that several of them have. */
function singles<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): Map<string, Value | null> {
  const found = new Map<string, Value | null>();
  for (const value of values) found.set(keyOf(value), found.has(keyOf(value)) ? null : value);
  return found;
}

function nameOf(row: PrintedRow): string {
  return String(row['Name']);
}

/**
 * The rows of all Pods in all namespaces, which name no namespace, joined with the names of all Pods, which do. What both
 * have once belongs together. Never guessed: of a namespace with a Pod that this does not hold for nothing is told.
 */
export class AllRows {
  readonly #rows: readonly PrintedRow[];
  readonly #byNamespace = new Map<string, PrintedRow[]>();
  readonly #unclear = new Set<string>();
  /** Where Pods of a name are. */
  readonly #places = new Map<string, string[]>();
  readonly #rowOf: ReadonlyMap<string, PrintedRow | null>;
  #byAddress: Map<string, string[]> | null = null;

  constructor(rows: readonly PrintedRow[], pods: readonly ClusterObject[]) {
    this.#rows = rows;
    this.#rowOf = singles(rows, nameOf);
    for (const { metadata } of pods) {
      const { name = '', namespace = '' } = metadata;
      const places = this.#places.get(name);
      if (places === undefined) this.#places.set(name, [namespace]);
      else places.push(namespace);
    }
    for (const [name, places] of this.#places) this.#place(name, places);
  }

  #place(name: string, places: readonly string[]): void {
    const row = this.#rowOf.get(name) ?? null;
    const [namespace] = places;
    if (row === null || places.length > 1 || namespace === undefined) {
      for (const one of places) this.#unclear.add(one);
      return;
    }
    const rows = this.#byNamespace.get(namespace);
    if (rows === undefined) this.#byNamespace.set(namespace, [row]);
    else rows.push(row);
  }

  /** The rows of a namespace; null where it has to be read by itself. */
  in(namespace: string): readonly PrintedRow[] | null {
    return this.#unclear.has(namespace) ? null : (this.#byNamespace.get(namespace) ?? []);
  }

  /** The namespaces that have a Pod of this name; null when one exists, and its namespace is not known. */
  ofName(name: string): readonly string[] | null {
    const places = this.#places.get(name);
    return places ?? (this.#rowOf.has(name) ? null : []);
  }

  /** The namespaces that have a Pod at this address; null when one exists, and its namespace is not known. */
  ofAddress(address: string): readonly string[] | null {
    this.#byAddress ??= this.#namesByAddress();
    const places = (this.#byAddress.get(address) ?? []).map((name) => this.ofName(name));
    return places.includes(null) ? null : places.flatMap((some) => some ?? []);
  }

  #namesByAddress(): Map<string, string[]> {
    const names = new Map<string, string[]>();
    for (const row of this.#rows) {
      const addresses = podFromRow(row, '')?.podIPs.flatMap((ip) => canonicalAddress(ip) ?? []) ?? [];
      for (const address of addresses) {
        const there = names.get(address);
        if (there === undefined) names.set(address, [nameOf(row)]);
        else there.push(nameOf(row));
      }
    }
    return names;
  }
}
