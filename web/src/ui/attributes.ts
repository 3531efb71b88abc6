/** The values of a contact that are no custom fields, in the order in which they are asked for. */
export const attributes = ['firstName', 'lastName', 'phone', 'email', 'externalCustomerId', 'languageCode', 'timeZone'] as const;
export type Attribute = (typeof attributes)[number];
