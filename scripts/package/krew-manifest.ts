import { executableName, type Target } from './targets.ts';

/** What package.json says of the project, as much as krew wants to know. */
export interface Project {
  version: string;
  repository: { url: string };
}

export interface Published {
  target: Target;
  archive: string;
  /** In lower-case hexadecimal digits. */
  sha256: string;
}

/** Where the project lives, for a browser. */
export function homepageOf({ repository }: Project): string {
  return repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
}

const DESCRIPTION = `Lists every leader-election lock of a cluster (Leases, and the leader annotation on
Endpoints and ConfigMaps), says for each whether its holder still exists and whether
it is really being renewed, gives a verdict with the evidence behind it, and frees a
stuck lock without making things worse.

  kubectl leader                  the live list; a table when piped
  kubectl leader describe LOCK    the whole case of one lock, and what to do
  kubectl leader release LOCK     free a lock that is stuck
  kubectl leader depose LOCK      make a holder step down, even a ghost
`;

const CAVEATS = `For completion of "kubectl leader <TAB>" put a second link beside krew's own:

  ln -s kubectl-leader "\${KREW_ROOT:-$HOME/.krew}/bin/kubectl_complete-leader"

On Linux it needs glibc 2.28 or later and libstdc++ (not Alpine), on macOS 13.5 or later.
`;

function selector({ os, serves }: Target) {
  const [arch, ...more] = serves;
  return more.length === 0
    ? { matchLabels: { os, arch } }
    : {
        matchExpressions: [
          { key: 'os', operator: 'In', values: [os] },
          { key: 'arch', operator: 'In', values: [...serves] },
        ],
      };
}

/** The plugin's entry in krew's index. `files` is left out: everything in the archive is installed, the licence too. */
export function krewManifest(project: Project, published: readonly Published[]) {
  const homepage = homepageOf(project);
  const version = `v${project.version}`;
  return {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'leader' },
    spec: {
      version,
      homepage,
      shortDescription: 'Find and free stuck leader-election locks',
      description: DESCRIPTION,
      caveats: CAVEATS,
      platforms: published.map(({ target, archive, sha256 }) => ({
        selector: selector(target),
        uri: `${homepage}/releases/download/${version}/${archive}`,
        sha256,
        bin: executableName(target),
      })),
    },
  };
}
