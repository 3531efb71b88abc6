import { type UseFormReturnType } from '@mantine/form';
import { SimpleGrid, TextInput } from '@mantine/core';
import { refusalOf } from '@/api/problem';
import { type Attribute, attributes } from '@/ui/attributes';
import { tellFault } from '@/ui/notice';
import { Said } from '@/ui/said';
import { useWords } from '@/words/words';

/** What people type of a contact. */
export type Profile = Record<Attribute, string>;

/** A form's values of a contact, of which nothing may be known. */
export const profileOf = (c: Partial<Profile>) => Object.fromEntries(attributes.map((name) => [name, c[name] ?? ''])) as Profile;

/** Puts a refusal beside the input that it is about. */
export function refuse(form: UseFormReturnType<Profile>, error: unknown) {
  const { field } = refusalOf(error);
  if (field in form.values) form.setFieldError(field, <Said error={error} />);
  else tellFault(error);
}

/** The inputs for who a contact is. */
export function ProfileInputs({ form, readOnly }: { form: UseFormReturnType<Profile>; readOnly: boolean }) {
  const words = useWords();
  const labels: Record<keyof Profile, string> = {
    firstName: words.contacts.firstName, lastName: words.contacts.lastName, phone: words.contacts.phone, email: words.contacts.email,
    externalCustomerId: words.contacts.external, languageCode: words.contacts.language, timeZone: words.contacts.zone,
  };
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      {attributes.map((name) => (
        <TextInput key={name} label={labels[name]} readOnly={readOnly} {...form.getInputProps(name)} />
      ))}
    </SimpleGrid>
  );
}
