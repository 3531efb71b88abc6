import { Anchor, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listLinksOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

/** How often each link was followed, and by how many people. */
export function Links({ campaignId }: { campaignId: number }) {
  const words = useWords();
  const f = useFormat();
  const links = useQuery(listLinksOptions({ path: { id: campaignId } }));
  if (!links.data) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.campaigns.links}
      </Title>
      {links.data.items.length === 0 ? (
        <Text c="dimmed" size="sm">
          {words.campaigns.noLinks}
        </Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.campaigns.link}</Table.Th>
              <Table.Th ta="right">{words.campaigns.clicks}</Table.Th>
              <Table.Th ta="right">{words.campaigns.clickers}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {links.data.items.map((l) => (
              <Table.Tr key={l.link}>
                <Table.Td>
                  {l.button && `${l.button}: `}
                  <Anchor href={l.target} target="_blank" rel="noreferrer" size="sm">
                    {l.target}
                  </Anchor>
                  {l.language && ` (${l.language})`}
                </Table.Td>
                <Table.Td ta="right">{f.number(l.clicks)}</Table.Td>
                <Table.Td ta="right">{f.number(l.people)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
