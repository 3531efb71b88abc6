import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pieces, plain } from './telegramHtml';
import { type DocNode, isFaithful, toDoc, toHtml } from './telegramDoc';

const same = [
  '', 'a', 'a\nb', 'a\n\nb', '\n a', '  a  b ', '<b>a</b>', '<b>a<i>b</i></b>c', '<a href="https://x.test/?a=1&amp;b=2">a</a>', '<a href="https://x.test" data-track="off">a</a>',
  'Hi {{ contact.firstName | default: "friend" }}!', '{% if contact.fields.ltv > 500 and data.a < 3 %}<b>a</b>{% else %}b{% endif %}', '<a href="https://x.test/{{ contact.id }}?q={{ data.a | default: \'b\' }}">a</a>',
  'a\n<blockquote>q\nr</blockquote>\nb', '<blockquote expandable>q</blockquote>', '<pre>\n  a\n b</pre>', '<pre><code class="language-go">a &lt; b</code></pre>\nc', '<tg-spoiler>a</tg-spoiler>', '<code>a</code> b', '1 &lt; 2 &amp; 3 &gt; 2',
  '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', 'a\n<pre>b</pre>\n<pre>c</pre>\n\nd', '<u>a</u><s>b</s>',
];

test('what the editor can show stays as it was written', () => {
  for (const html of same) expect(toHtml(toDoc(html)), html).toBe(html);
  for (const html of ['<strong>a</strong>', '<em>a</em> <del>b</del>', 'a\r\nb', 'a\n\n']) expect(isFaithful(html), html).toBe(true);
});

test('what it cannot show is known', () => {
  for (const html of ['a<blockquote>b</blockquote>', '<i><b>a</b></i>', '<span class="tg-spoiler">a</span>', '<blockquote>a</blockquote>b', '<b>a']) expect(isFaithful(html), html).toBe(false);
});

const marks = fc.subarray(['bold', 'italic', 'underline', 'strike', 'spoiler']).map((types) => types.map((type) => ({ type })));
const text = fc.stringMatching(/^[a-zа-я<>&" 👋]{1,8}$/u);
const inline: fc.Arbitrary<DocNode> = fc.oneof(
  fc.record({ type: fc.constant('text'), text, marks }),
  fc.record({ type: fc.constant('liquid'), attrs: fc.constantFrom({ source: '{{ contact.firstName }}' }, { source: '{% if a < 1 %}' }), marks }),
);
const paragraph = fc.record({ type: fc.constant('paragraph'), content: fc.array(inline, { maxLength: 4 }) });
const quote = fc.record({ type: fc.constant('blockquote'), attrs: fc.record({ expandable: fc.boolean() }), content: fc.array(paragraph, { minLength: 1, maxLength: 3 }) });
const code = fc.record({ type: fc.constant('codeBlock'), attrs: fc.constantFrom({ language: null }, { language: 'go' }), content: text.map((t) => [{ type: 'text', text: t }]) });
const doc = fc.array(fc.oneof(paragraph, quote, code), { minLength: 1, maxLength: 5 }).map((content) => ({ type: 'doc', content }));

test('any document is the same after it was written and read', () => {
  fc.assert(
    fc.property(doc, (d) => {
      // A document can have marks and runs in more than one way: what is written of it counts.
      const html = toHtml(d);
      expect(toHtml(toDoc(html))).toBe(html);
      expect(isFaithful(html)).toBe(true);
      const texts = (n: DocNode): string => n.text ?? (n.type === 'liquid' ? String(n.attrs?.source) : (n.content ?? []).map(texts).join(n.type === 'doc' || n.type === 'blockquote' ? '\n' : ''));
      expect(plain(pieces(html)).trimEnd()).toBe(texts(d).trimEnd());
    }),
    { numRuns: 500 },
  );
});

test('any text can be read', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('<', '>', '/', 'b', 'a', 'pre', 'blockquote', '{{', '}}', '{%', '%}', '"', '&', '\n', ' ', '\ue000', '0', '\ue001') }), (html) => void toHtml(toDoc(html))));
});
