import { LeaderError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { COMPLETION_SCRIPTS } from './completion-scripts.ts';
import { EXITS } from './errors.ts';

type Shell = keyof typeof COMPLETION_SCRIPTS;

const SHELLS = Object.keys(COMPLETION_SCRIPTS);

function isShell(name: string | undefined): name is Shell {
  return name !== undefined && Object.hasOwn(COMPLETION_SCRIPTS, name);
}

export const completion: Command = {
  name: 'completion',
  aliases: [],
  summary: 'Print the completion script of a shell',
  about:
    'Print the script that makes a shell complete the words of kubectl-leader: commands, flags, contexts,\n' +
    'namespaces, and the locks of the cluster. SHELL is bash, zsh, fish or powershell.\n' +
    '\n' +
    'For "kubectl leader <TAB>" no script is needed beside that of kubectl itself ("kubectl completion --help"),\n' +
    'but a second name: kubectl 1.26 and later asks a program kubectl_complete-leader on the PATH, which this\n' +
    'program is if it is called so. A link beside it does that, and survives upgrades:\n' +
    '\n' +
    '  ln -s kubectl-leader "$(dirname "$(command -v kubectl-leader)")/kubectl_complete-leader"\n' +
    '\n' +
    'A cluster that does not answer within two seconds leaves the list of locks empty.',
  examples: [
    {
      what: 'For bash, for good',
      line: 'completion bash > ~/.local/share/bash-completion/completions/kubectl-leader',
    },
    { what: 'For fish, for good', line: 'completion fish > ~/.config/fish/completions/kubectl-leader.fish' },
  ],
  usage: 'SHELL',
  takes: { words: SHELLS, atMost: 1 },
  flags: {},
  run(host, _values, args) {
    const [shell, ...more] = args;
    if (!isShell(shell) || more.length > 0) {
      const given = args.length === 0 ? 'none' : `"${args.join(' ')}"`;
      throw new LeaderError('usage', `completion needs the name of one shell, got ${given}`, {
        hint: `Shells are ${SHELLS.join(', ')}.`,
      });
    }
    host.stdout.write(COMPLETION_SCRIPTS[shell]);
    return Promise.resolve(EXITS.ok);
  },
};
