import type { KeyPair } from './issue-certificate.ts';

/** What a client needs to reach this server. */
export interface KubeconfigInput {
  /** `https://host:port`. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly client: KeyPair;
}

/** A kubeconfig with everything embedded (`clientcmd/api/v1`). */
export function renderKubeconfig({ server, authority, client }: KubeconfigInput): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
- name: quadshift
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${base64(authority)}
users:
- name: kubernetes-admin
  user:
    client-certificate-data: ${base64(client.certificate)}
    client-key-data: ${base64(client.key)}
contexts:
- name: quadshift
  context:
    cluster: quadshift
    user: kubernetes-admin
current-context: quadshift
`;
}
