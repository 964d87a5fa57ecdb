import type { KubernetesObject } from '../../machinery/object.ts';
import { badRequest } from '../../machinery/status-error.ts';
import { formatTime } from '../../machinery/time.ts';
import type { UserInfo } from '../authenticator.ts';
import type { TokenJudge } from '../tokens/token-authenticator.ts';
import type { ReviewHandler } from './review-handler.ts';

const API_VERSION = 'authentication.k8s.io/v1';

/** A user as `authentication.k8s.io/v1` UserInfo. */
function userInfo({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Who am I? Behind `kubectl auth whoami`. `clock` is in milliseconds since 1970. */
export function selfSubjectReview(clock: () => number): ReviewHandler {
  return async ({ user }) => ({
    object: {
      kind: 'SelfSubjectReview',
      apiVersion: API_VERSION,
      metadata: { creationTimestamp: formatTime(clock()) },
      status: { userInfo: userInfo(user) },
    } as KubernetesObject,
  });
}

interface TokenReview extends KubernetesObject {
  readonly spec?: { readonly token?: string; readonly audiences?: readonly string[] };
}

function statusOf(judge: TokenJudge, token: string, audiences: readonly string[]): object {
  const judgement = judge(token, audiences);
  if (!judgement.ok) return { user: {}, error: judgement.error };
  return { authenticated: true, user: userInfo(judgement.user), audiences: judgement.audiences };
}

/** Is this token good, and whose is it? `audiences` are those of the API server, for a review that names none. */
export function tokenReview(judge: TokenJudge, audiences: readonly string[]): ReviewHandler {
  const kind = 'TokenReview';
  return async ({ object: review }) => {
    const { metadata = {}, spec = {} } = review as TokenReview;
    const { token = '', audiences: asked = [] } = spec;
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    const status = statusOf(judge, token, asked.length === 0 ? audiences : asked);
    return { object: { kind, apiVersion: API_VERSION, metadata, spec, status } as KubernetesObject };
  };
}
