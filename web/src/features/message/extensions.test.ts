import { expect, test } from 'vitest';
import { shownOf, sourceOf, valueOf } from './extensions';

test('a value has a name and a fallback', () => {
  expect(valueOf('{{ contact.firstName }}')).toEqual({ name: 'contact.firstName', fallback: '' });
  expect(valueOf('{{contact.firstName|default:"friend"}}')).toEqual({ name: 'contact.firstName', fallback: 'friend' });
  for (const fallback of ['', 'friend', 'друже', 'the "best"', "it's"]) {
    expect(valueOf(sourceOf('contact.fields.city', fallback))).toEqual({ name: 'contact.fields.city', fallback });
  }
  for (const source of ['{% if a %}', '{{ a | upcase }}', '{{ a.b | default: c }}']) expect(valueOf(source)).toBeUndefined();
});

test('chips say what they are', () => {
  expect(shownOf('{{ contact.fields.city | default: "Kyiv" }}')).toBe('city');
  expect(shownOf('{% if a %}')).toBe('{% if a %}');
});
