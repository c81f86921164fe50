/** A reading that is waited for later, or not at all: whoever does wait for it will see what went wrong. */
export function begun<Value>(reading: Promise<Value>): Promise<Value> {
  reading.catch(() => undefined);
  return reading;
}
