/**
 * What krew and the checks of its index ask of a plugin's manifest. krew itself reads leniently: what it does not know, a
 * misspelt field too, it leaves unsaid. Here that is an error.
 */

type Fields = Readonly<Record<string, unknown>>;

const SEMVER =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-z-][\da-z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-z-][\da-z-]*))*)?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?$/i;
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

const PLATFORMS: readonly Readonly<{ os: string; arch: string }>[] = [
  ...['386', 'amd64', 'arm64'].map((arch) => ({ os: 'windows', arch })),
  ...['386', 'amd64', 'arm', 'arm64', 'ppc64le'].map((arch) => ({ os: 'linux', arch })),
  ...['386', 'amd64', 'arm64'].map((arch) => ({ os: 'darwin', arch })),
];

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function unknownFields(where: string, fields: Fields, known: readonly string[]): string[] {
  return Object.keys(fields)
    .filter((name) => !known.includes(name))
    .map((name) => `${where} has an unknown field ${name}`);
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The platforms, of those that krew knows, that a label selector fits. */
export function platformsOf(selector: unknown): string[] {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  const fits = ({ os, arch }: { os: string; arch: string }): boolean => {
    const labels: Fields = { os, arch };
    const byLabel = Object.entries(fieldsOf(matchLabels)).every(([key, value]) => labels[key] === value);
    const byExpression = listOf(matchExpressions).every((expression) => {
      const { key, operator, values } = fieldsOf(expression);
      const isIn = listOf(values).includes(labels[String(key)]);
      return operator === 'In' ? isIn : operator === 'NotIn' && !isIn;
    });
    return byLabel && byExpression;
  };
  return PLATFORMS.filter(fits).map(({ os, arch }) => `${os}/${arch}`);
}

function selectorProblems(where: string, selector: unknown): string[] {
  if (!isFields(selector)) return [`${where} has no selector`];
  const { matchLabels, matchExpressions } = selector;
  const keys = [
    ...Object.keys(fieldsOf(matchLabels)),
    ...listOf(matchExpressions).map((expression) => String(fieldsOf(expression)['key'])),
  ];
  return [
    ...unknownFields(`${where}'s selector`, selector, ['matchLabels', 'matchExpressions']),
    ...(matchLabels !== undefined && Object.keys(fieldsOf(matchLabels)).length === 0
      ? [`${where} has empty matchLabels`]
      : []),
    ...(matchExpressions !== undefined && listOf(matchExpressions).length === 0
      ? [`${where} has empty matchExpressions`]
      : []),
    ...(keys.length === 0 ? [`${where} selects by nothing`] : []),
    ...keys.filter((key) => key !== 'os' && key !== 'arch').map((key) => `${where} selects by ${key}`),
    ...(platformsOf(selector).length === 0 ? [`${where} fits no platform`] : []),
  ];
}

function fileProblems(where: string, files: unknown): string[] {
  if (files === undefined) return [];
  const problems = listOf(files).flatMap((file) => {
    const { from, to } = fieldsOf(file);
    const isClean = isFilled(to) && (to === '.' || !/(?:^|\/)\.{0,2}(?:\/|$)/.test(to));
    return isFilled(from) && isClean ? [] : [`${where} has a file without from, or with an unclean to`];
  });
  return listOf(files).length === 0 ? [`${where} has an empty list of files`] : problems;
}

function platformProblems(platform: unknown, index: number): string[] {
  const where = `platform ${index}`;
  const { selector, uri, sha256, files, bin } = fieldsOf(platform);
  return [
    ...unknownFields(where, fieldsOf(platform), ['selector', 'uri', 'sha256', 'files', 'bin']),
    ...(isFilled(uri) && /^https:\/\//.test(uri) ? [] : [`${where} has no https uri`]),
    ...(isFilled(sha256) && /^[a-f0-9]{64}$/.test(sha256) ? [] : [`${where} has no sha256 in lower case`]),
    ...(isFilled(bin) ? [] : [`${where} has no bin`]),
    ...selectorProblems(where, selector),
    ...fileProblems(where, files),
  ];
}

/** Everything in a manifest that krew, or its index, would refuse. `name` is what the file is called there. */
export function krewProblems(manifest: unknown, name: string): string[] {
  const { apiVersion, kind, metadata, spec } = fieldsOf(manifest);
  const { version, shortDescription, description, homepage, platforms } = fieldsOf(spec);
  const known = ['version', 'homepage', 'shortDescription', 'description', 'caveats', 'platforms'];
  const fitting = listOf(platforms).flatMap((platform) => platformsOf(fieldsOf(platform)['selector']));
  const twice = fitting.filter((platform, at) => fitting.indexOf(platform) !== at);
  return [
    ...unknownFields('the manifest', fieldsOf(manifest), ['apiVersion', 'kind', 'metadata', 'spec']),
    ...unknownFields('metadata', fieldsOf(metadata), ['name']),
    ...unknownFields('spec', fieldsOf(spec), known),
    ...(apiVersion === 'krew.googlecontainertools.github.com/v1alpha2'
      ? []
      : ['the apiVersion is not known']),
    ...(kind === 'Plugin' ? [] : ['the kind is not Plugin']),
    ...(fieldsOf(metadata)['name'] === name ? [] : [`the name is not ${name}`]),
    ...(/^[a-z][a-z0-9-]*$/.test(name) && !DEVICE.test(name) ? [] : [`${name} is no name for a plugin`]),
    ...(isFilled(version) && version.startsWith('v') && SEMVER.test(version.slice(1))
      ? []
      : ['the version is not v and a semantic version']),
    ...(isFilled(shortDescription) && !/[\r\n]/.test(shortDescription)
      ? []
      : ['shortDescription is not a line']),
    ...(isFilled(description) ? [] : ['there is no description']),
    ...(isFilled(homepage) ? [] : ['there is no homepage']),
    ...(listOf(platforms).length > 0 ? [] : ['there are no platforms']),
    ...listOf(platforms).flatMap(platformProblems),
    ...twice.map((platform) => `${platform} is selected twice`),
  ];
}
