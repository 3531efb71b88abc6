import { Anchor, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listLinksOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import { Door } from './Door';
import classes from './Links.module.css';

/** How often each link was followed, and by how many people, who are behind the numbers. */
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
        <Table layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.campaigns.link}</Table.Th>
              <Table.Th ta="right" w={90}>
                {words.campaigns.clicks}
              </Table.Th>
              <Table.Th ta="right" w={90}>
                {words.campaigns.clickers}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {links.data.items.map((l) => (
              <Table.Tr key={l.link}>
                <Table.Td className={classes.target}>
                  {l.button && `${l.button}: `}
                  <Anchor href={l.target} target="_blank" rel="noreferrer" size="sm">
                    {l.target}
                  </Anchor>
                  {l.language && ` (${l.language})`}
                </Table.Td>
                {[l.clicks, l.people].map((n, i) => (
                  <Table.Td key={i} ta="right">
                    {n > 0 ? (
                      <Door filter={{ link: l.link }}>{f.number(n)}</Door>
                    ) : (
                      f.number(n)
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
