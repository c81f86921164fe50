/** How fast a sandbox lives: everything that takes time is divided by its speed. */
export class Pace {
  readonly speed: number;

  /** `speed`: 1 for the times of a real cluster, 2 for twice as fast. */
  constructor(speed: number) {
    this.speed = speed;
  }

  /** What so many seconds of a real cluster come to, milliseconds. */
  ms(seconds: number): number {
    return (seconds * 1_000) / this.speed;
  }

  /** The same in whole seconds, at least one: records know no fractions. */
  wholeSeconds(seconds: number): number {
    return Math.max(1, Math.round(seconds / this.speed));
  }
}
