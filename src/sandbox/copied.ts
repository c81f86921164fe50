/** A deep copy of what JSON can hold: many times faster than the general one, which a busy store would feel. */
export function copied<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied) as T;
  const copy: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) if (inner !== undefined) copy[field] = copied(inner);
  return copy as T;
}
