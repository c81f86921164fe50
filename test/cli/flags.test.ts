import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectionFlags, type FlagTable, GLOBAL_FLAGS } from '../../src/cli/flags.ts';
import { parse } from '../../src/cli/parse.ts';

const FLAGS = {
  ...GLOBAL_FLAGS,
  'all-namespaces': { type: 'boolean', short: 'A', fallback: 'false', help: '' },
  'no-headers': { type: 'boolean', fallback: 'false', help: '' },
  output: { type: 'text', short: 'o', fallback: '', help: '' },
  watch: { type: 'boolean', short: 'w', fallback: 'false', help: '' },
} as const satisfies FlagTable;

// As pflag reads it, the parser behind kubectl.
const CASES: [line: string[], values: object, args?: string[]][] = [
  [[], {}],
  [['-n', 'foo'], { namespace: 'foo' }],
  [['-nfoo'], { namespace: 'foo' }],
  [['-n=foo'], { namespace: 'foo' }],
  [['--namespace', 'foo'], { namespace: 'foo' }],
  [['--namespace=foo'], { namespace: 'foo' }],
  [['--namespace=a=b'], { namespace: 'a=b' }],
  [['-n', 'a', '-n', 'b'], { namespace: 'b' }],
  [['-n', 'a', '--namespace=b', '-nc'], { namespace: 'c' }],
  [['--namespace='], { namespace: '' }],
  [['-n', ''], { namespace: '' }],
  [['-n', '-o', 'json'], { namespace: '-o' }, ['json']],
  [['--namespace', '--watch'], { namespace: '--watch' }],
  [['-n', '--'], { namespace: '--' }],
  [['-n', '1e3', '007'], { namespace: '1e3' }, ['007']],
  [['-n', '"quoted"'], { namespace: '"quoted"' }],
  [['-n', 'a.b'], { namespace: 'a.b' }],
  [['-Aw'], { 'all-namespaces': true, watch: true }],
  [['-Anfoo'], { 'all-namespaces': true, namespace: 'foo' }],
  [['-Aojson'], { 'all-namespaces': true, output: 'json' }],
  [['-wo', 'json'], { watch: true, output: 'json' }],
  [['-A', 'false'], { 'all-namespaces': true }, ['false']],
  [['-A=false'], { 'all-namespaces': false }],
  [['--watch=F'], { watch: false }],
  [['--watch=1'], { watch: true }],
  [['--watch', '--watch=false'], { watch: false }],
  [['--no-headers'], { 'no-headers': true }],
  [['--no-headers=false'], { 'no-headers': false }],
  [['--as-group', 'a', '--as-group=b,c'], { 'as-group': ['a', 'b,c'] }],
  [['--as-group', '-x'], { 'as-group': ['-x'] }],
  [['a', '-w', 'b'], { watch: true }, ['a', 'b']],
  [['a', '--', '-w', '--x'], {}, ['a', '-w', '--x']],
  [['--', '--'], {}, ['--']],
  [['-'], {}, ['-']],
  [['-v=6'], { v: '6' }],
  [['-v', '6'], { v: '6' }],
  [['--v=6'], { v: '6' }],
];

describe('a command line is read as kubectl reads it', () => {
  test.each(CASES)('%j', (line, values, args = []) => {
    expect(parse(line, FLAGS)).toEqual({ values, args });
  });

  test.each([
    [['--nope'], 'unknown flag: --nope'],
    [['--names=x'], 'unknown flag: --names'],
    [['--all_namespaces'], 'unknown flag: --all_namespaces'],
    [['--headers'], 'unknown flag: --headers'],
    [['--constructor'], 'unknown flag: --constructor'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['-Ax'], "unknown shorthand flag: 'x' in -Ax"],
    [['-漢'], "unknown shorthand flag: '漢' in -漢"],
    [['--namespace'], 'flag needs an argument: --namespace'],
    [['-An'], "flag needs an argument: 'n' in -An"],
    [['--watch=maybe'], 'invalid argument "maybe" for "-w, --watch" flag: it takes true or false'],
    [['--watch='], 'invalid argument "" for "-w, --watch" flag: it takes true or false'],
    [
      ['--no-headers=toString'],
      'invalid argument "toString" for "--no-headers" flag: it takes true or false',
    ],
    [['--=x'], 'bad flag syntax: --=x'],
    [['---x'], 'bad flag syntax: ---x'],
  ])('%j is an error', (line, message) => {
    expect(() => parse(line, FLAGS)).toThrow(message);
  });

  test('a value is taken as it is, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('--namespace', '-n'), (value, flag) => {
        expect(parse([flag, value], FLAGS)).toEqual({ values: { namespace: value }, args: [] });
        expect(parse([`--namespace=${value}`], FLAGS)).toEqual({ values: { namespace: value }, args: [] });
        expect(parse(['--as-group', value, '--as-group', value], FLAGS).values).toEqual({
          'as-group': [value, value],
        });
      }),
    );
  });

  test('what follows -- is never a flag', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (args) => {
        expect(parse(['--', ...args], FLAGS)).toEqual({ values: {}, args });
      }),
    );
  });
});

describe('connection flags', () => {
  test('every one reaches the connection under its own name', () => {
    const line =
      '--kubeconfig=1 --context=2 --cluster=3 --user=4 --namespace=5 --server=6 --token=7 --username=8 --password=9 --as=10 --as-uid=11 --as-group=12 --as-user-extra=k=13 --client-certificate=14 --client-key=15 --certificate-authority=16 --insecure-skip-tls-verify --tls-server-name=17 --request-timeout=18 --disable-compression';
    expect(connectionFlags(parse(line.split(' '), GLOBAL_FLAGS).values)).toEqual({
      kubeconfig: '1',
      context: '2',
      cluster: '3',
      user: '4',
      namespace: '5',
      server: '6',
      token: '7',
      username: '8',
      password: '9',
      as: '10',
      asUid: '11',
      asGroup: ['12'],
      asUserExtra: ['k=13'],
      clientCertificate: '14',
      clientKey: '15',
      certificateAuthority: '16',
      insecureSkipTlsVerify: true,
      tlsServerName: '17',
      requestTimeout: '18',
      disableCompression: true,
    });
  });

  test.each([
    ['an empty text is none', ['--context=', '--token', ''], {}],
    ['other flags stay out', ['-v=6', '--cache-dir=x', '--help'], {}],
    ['a refused boolean is kept', ['--insecure-skip-tls-verify=false'], { insecureSkipTlsVerify: false }],
  ])('%s', (_, line, expected) => {
    expect(connectionFlags(parse(line, GLOBAL_FLAGS).values)).toEqual(expected);
  });
});
