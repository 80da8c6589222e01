export { formatOfferFault, parseOffer } from './provisioning/parse-offer.ts';
export {
  type ParsedProvisioning,
  type ProvisioningTexts,
  parseProvisioning,
} from './provisioning/parse-provisioning.ts';
