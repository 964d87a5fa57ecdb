import type { KindDefinition } from '../../kinds/definition.ts';
import { goQuote } from '../../machinery/go-format.ts';
import { versioned } from '../dynamic/attributes.ts';
import { describeRequest } from '../dynamic/variables.ts';
import type { DynamicRequest } from '../plugin.ts';

/** Versions of AdmissionReview that are spoken, by the webhook's preference. */
const VERSIONS = ['v1', 'v1beta1'];

/** A question to a webhook. */
export interface Review {
  readonly apiVersion: string;
  readonly uid: string;
  readonly document: object;
}

/** The first version that both sides speak; undefined where there is none. */
export function reviewVersion(accepted: readonly string[] | undefined): string | undefined {
  return accepted?.find((version) => VERSIONS.includes(version));
}

/** An AdmissionReview about a request, in the version that matched. */
export function makeReview(request: DynamicRequest, kind: KindDefinition, about: { version: string; uid: string }) {
  const { version, uid } = about;
  const apiVersion = `admission.k8s.io/${version}`;
  const described = { uid, ...describeRequest(request, kind), ...versioned(request, kind) };
  const document = { kind: 'AdmissionReview', apiVersion, request: described };
  return { apiVersion, uid, document } satisfies Review;
}

/** What a webhook answered, as far as it counts. */
export interface ReviewResponse {
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
  readonly status?: { readonly [name: string]: unknown };
  readonly warnings: readonly string[];
  readonly auditAnnotations: { readonly [key: string]: string };
}

/** The answer, or upstream's sentence about what is wrong with it. */
export type ReadReview =
  | { readonly ok: true; readonly response: ReviewResponse }
  | { readonly ok: false; readonly message: string };

type Fields = { readonly [name: string]: unknown };

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(message: string): ReadReview {
  return { ok: false, message };
}

function patchFault({ patch, patchType }: Fields, mutating: boolean): string | undefined {
  const hasPatch = typeof patch === 'string' && patch !== '';
  const hasType = patchType !== undefined && patchType !== null;
  if (!mutating) {
    if (hasPatch) return 'validating webhook may not return response.patch';
    return hasType ? 'validating webhook may not return response.patchType' : undefined;
  }
  if (hasPatch && !hasType) return 'webhook returned response.patch but not response.patchType';
  if (!hasPatch && hasType) return 'webhook returned response.patchType but not response.patch';
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function gvkOf({ apiVersion = '', kind = '' }: Fields): string {
  const [group, version] = String(apiVersion).includes('/') ? String(apiVersion).split('/') : ['', apiVersion];
  return `${group}/${version}, Kind=${kind}`;
}

function faultOf(answer: Fields, response: Fields, { review, mutating }: { review: Review; mutating: boolean }) {
  if (review.apiVersion !== 'admission.k8s.io/v1') return undefined;
  const uid = String(response['uid'] ?? '');
  if (uid !== review.uid) return `expected response.uid=${goQuote(review.uid)}, got ${goQuote(uid)}`;
  const expected = gvkOf({ apiVersion: review.apiVersion, kind: 'AdmissionReview' });
  if (gvkOf(answer) !== expected) return `expected webhook response of ${expected}, got ${gvkOf(answer)}`;
  return patchFault(response, mutating);
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

function annotationsOf(value: unknown): { readonly [key: string]: string } {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

/** `VerifyAdmissionResponse`. */
export function readReview(answer: Fields, about: { readonly review: Review; readonly mutating: boolean }): ReadReview {
  const { response } = answer;
  if (!isFields(response)) return wrong('webhook response was absent');
  const fault = faultOf(answer, response, about);
  if (fault !== undefined) return wrong(fault);
  const { patch, patchType, status } = response;
  return {
    ok: true,
    response: {
      allowed: response['allowed'] === true,
      warnings: strings(response['warnings']),
      auditAnnotations: annotationsOf(response['auditAnnotations']),
      ...(typeof patch === 'string' && about.mutating ? { patch } : {}),
      ...(typeof patchType === 'string' ? { patchType } : {}),
      ...(isFields(status) ? { status } : {}),
    },
  };
}
