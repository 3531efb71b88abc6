import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { listContacts, type ListContactsData } from '@/api/generated';
import { listVariablesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { attributes } from '@/ui/attributes';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

type Query = NonNullable<ListContactsData['query']>;

/** How many of those who get messages lack a value: a door to who they are. */
export function Lacking({ name }: { name: string }) {
  const words = useWords();
  const f = useFormat();
  const variables = useQuery({ ...listVariablesOptions(), staleTime: 60_000 });
  const fieldId = variables.data?.items.find((v) => v.name === name)?.fieldId;
  const attribute = attributes.find((a) => name === `contact.${a}`);
  const missing: Query | undefined = fieldId ? { fieldId, fieldOp: 'unset' } : attribute && { lacks: [attribute] };
  const counted = useQuery({
    queryKey: ['listContacts', 'lacking', missing],
    queryFn: async ({ signal }) => {
      const count = async (query: Query) => (await listContacts({ query: { ...query, chat: 'active', limit: 1, total: true }, signal, throwOnError: true })).data.total?.count ?? 0;
      const [all, lack] = await Promise.all([count({}), count(missing ?? {})]);
      return { all, lack };
    },
    enabled: missing !== undefined,
    staleTime: 60_000,
  });
  if (!missing || !counted.data || counted.data.all === 0) return null;
  const { all, lack } = counted.data;
  if (lack === 0) return <Text size="xs">{words.messages.nobodyLacks}</Text>;
  return (
    <Anchor component={Link} to={`/contacts?chat=active&${fieldId ? `fieldId=${fieldId}&fieldOp=unset` : `lacks=${attribute}`}`} size="xs">
      {words.messages.lack(f.share(lack, all))}
    </Anchor>
  );
}
