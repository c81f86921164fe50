import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

function typeName(value: unknown): string {
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a decoded YAML or JSON object as strictly as Go decodes into a struct: a field of the wrong type is an
 * error that names the file and the field, absent and null are the zero value, unknown fields are ignored.
 * All methods throw a LeaderError with code `config`. Values never appear in its message: they may be secret.
 */
export class Fields {
  readonly #file: string;
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(file: string, value: unknown, path = '') {
    this.#file = file;
    this.#path = path;
    if (value !== null && value !== undefined && !isObject(value)) {
      throw this.#error(path === '' ? 'the document' : path, 'an object', value);
    }
    this.#values = value ?? {};
  }

  text(name: string): string {
    const value = this.raw(name) ?? '';
    if (typeof value !== 'string') throw this.#error(this.#at(name), 'text', value);
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw(name) ?? false;
    if (typeof value !== 'boolean') throw this.#error(this.#at(name), 'true or false', value);
    return value;
  }

  /** Base64 text, decoded; null when absent or empty. */
  bytes(name: string): Buffer | null {
    const encoded = this.text(name).replace(/[\r\n]/g, '');
    if (encoded === '') return null;
    if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
      throw this.#problem(`${this.#at(name)} is not valid base64`);
    }
    return Buffer.from(encoded, 'base64');
  }

  texts(name: string): string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value !== 'string') throw this.#error(`${this.#at(name)}[${index}]`, 'text', value);
      return value;
    });
  }

  /** The object under that name; an empty one when absent. */
  object(name: string): Fields {
    return new Fields(this.#file, this.raw(name), this.#at(name));
  }

  objects(name: string): Fields[] {
    return this.#list(name).map(
      (value, index) => new Fields(this.#file, value, `${this.#at(name)}[${index}]`),
    );
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.raw(name) !== null;
  }

  /** Whatever is there, null when absent. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? null) : null;
  }

  /** An error about this object, with the file it stands in. */
  problem(text: string): LeaderError {
    return this.#problem(this.#path === '' ? text : `${this.#path}: ${text}`);
  }

  #list(name: string): readonly unknown[] {
    const value = this.raw(name) ?? [];
    if (!Array.isArray(value)) throw this.#error(this.#at(name), 'a list', value);
    return value;
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #error(path: string, wanted: string, value: unknown): LeaderError {
    return this.#problem(`${path} must be ${wanted}, not ${typeName(value)}`);
  }

  #problem(text: string): LeaderError {
    return new LeaderError(
      'config',
      `error loading config file "${printable(this.#file)}": ${printable(text)}`,
      {
        hint: 'Correct that file, or name another one with --kubeconfig.',
      },
    );
  }
}
