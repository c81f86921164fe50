import type { Selection } from './config-select.ts';
import type { ClusterEntry, UserEntry } from './kubeconfig.ts';

function clusterProblems(name: string, cluster: ClusterEntry): string[] {
  const problems: string[] = [];
  if (cluster.certificateAuthority !== '' && cluster.certificateAuthorityData !== null) {
    problems.push(`certificate-authority-data and certificate-authority are both specified for ${name}`);
  }
  return problems;
}

function certificateProblems(name: string, user: UserEntry): string[] {
  if (user.clientCertificate === '' && user.clientCertificateData === null) return [];
  const problems: string[] = [];
  if (user.clientCertificate !== '' && user.clientCertificateData !== null) {
    problems.push(`client-certificate-data and client-certificate are both specified for ${name}`);
  }
  if (user.clientKey !== '' && user.clientKeyData !== null) {
    problems.push(`client-key-data and client-key are both specified for ${name}`);
  }
  if (user.clientKey === '' && user.clientKeyData === null) {
    problems.push(
      `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method`,
    );
  }
  return problems;
}

function execProblems(name: string, user: UserEntry): string[] {
  if (user.exec === null) return [];
  const { command, apiVersion, env, interactiveMode } = user.exec;
  const needed = (what: string): string =>
    `${what} must be specified for ${name} to use exec authentication plugin`;
  const problems: string[] = [];
  if (user.authProvider !== null) {
    problems.push(`authProvider cannot be provided in combination with an exec plugin for ${name}`);
  }
  if (command === '') problems.push(needed('command'));
  if (apiVersion === '') problems.push(needed('apiVersion'));
  if (env.some((each) => each.name === '')) problems.push(needed('env variable name'));
  if (interactiveMode === '') problems.push(needed('interactiveMode'));
  else if (!['Never', 'IfAvailable', 'Always'].includes(interactiveMode)) {
    problems.push(`invalid interactiveMode for ${name}: "${interactiveMode}"`);
  }
  return problems;
}

function userProblems(name: string, user: UserEntry): string[] {
  const problems = [...certificateProblems(name, user), ...execProblems(name, user)];
  const basic = user.username !== '' || user.password !== '';
  if (user.token !== '' && basic) {
    problems.push(
      `more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`,
    );
  }
  const impersonates = user.asUid !== '' || user.asGroups.length > 0 || user.asUserExtra.size > 0;
  if (user.as === '' && impersonates) {
    problems.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  }
  return problems;
}

/** What is contradictory or incomplete in the chosen entries, in kubectl's words; empty if they can be used. */
export function configProblems({ contextName, contextExists, ...selection }: Selection): string[] {
  return [
    ...(contextExists ? [] : [`context was not found for specified context: ${contextName}`]),
    ...userProblems(selection.userName, selection.user),
    ...clusterProblems(selection.clusterName, selection.cluster),
  ];
}
