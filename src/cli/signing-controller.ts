import type { Pki } from '../auth/pki.ts';
import { signRequest } from '../auth/sign-request.ts';
import { isOurSigner } from '../auth/signers.ts';
import { certificateSigning } from '../controllers/certificate-signing.ts';
import { systemClock } from '../controllers/clock.ts';
import type { Controller } from '../controllers/controller.ts';
import type { Registry } from '../registry/registry.ts';

/** Signs approved requests with the house's own authority. */
export function signingController(registry: Registry, authority: Pki['authority']): Controller {
  return certificateSigning({
    registry,
    clock: systemClock,
    isOurs: isOurSigner,
    sign: (request) => signRequest(authority, request, systemClock.now()),
  });
}
