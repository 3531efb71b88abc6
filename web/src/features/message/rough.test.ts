import { expect, test } from 'vitest';
import { roughOf } from './rough';

test('what cannot be sent yet is seen with its fallbacks, buttons and files', () => {
  const body = {
    name: 'Sale',
    text: 'Hi {{ contact.firstName | default: "friend" }}, {{ contact.fields.city }}{% if x %}!{% endif %}',
    buttons: [[{ text: 'Go', url: 'https://' }], null],
    translations: { uk: { text: 'Привіт' } },
  };
  expect(roughOf(body, '')).toEqual({ text: 'Hi friend, city!', media: [], captionAbove: false, buttons: [[{ text: 'Go', url: 'https://' }], []] });
  expect(roughOf(body, 'uk')).toMatchObject({ text: 'Привіт', buttons: [[{ text: 'Go' }], []] });
  expect(roughOf({ name: '', media: [{ kind: 'photo', id: 7 }, { kind: 'photo', url: 'https://a.example/b.jpg' }] }, '').media).toEqual([
    { kind: 'photo', src: '/manage/v1/media/7/content' }, { kind: 'photo', src: undefined },
  ]);
});
