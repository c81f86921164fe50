/** What `version` prints. Stands alone so that nothing else has to be loaded to print it. */
export function versionLine(version: string): string {
  return `Client Version: v${version}\n`;
}

/** A command line that asks for nothing but the version: there is nothing in it to parse. */
export function asksVersionOnly(argv: readonly string[]): boolean {
  return argv.length === 1 && (argv[0] === 'version' || argv[0] === '--version');
}
