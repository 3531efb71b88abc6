import { Button, Modal, Stack, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { listBotsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { EmptyState } from '@/ui/EmptyState';
import { Fault } from '@/ui/Fault';
import { tell } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { BotCard } from './BotCard';
import { ConnectBot } from './ConnectBot';

export function BotsPage() {
  const words = useWords();
  const may = useMay('configure');
  const [open, { open: show, close }] = useDisclosure(false);
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } }));
  const gone = useQuery(listBotsOptions({ query: { limit: 100, state: ['disconnected'] } }));
  const connect = may && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={show}>
      {words.bots.connect}
    </Button>
  );
  return (
    <>
      <PageHeader title={words.bots.title}>{connect}</PageHeader>
      {bots.error && !bots.data && <Fault error={bots.error} retry={() => void bots.refetch()} />}
      {bots.data?.items.length === 0 && (
        <EmptyState icon={<IconRobot size={32} stroke={1.2} aria-hidden />} action={connect}>
          {words.bots.empty}
        </EmptyState>
      )}
      <Stack>{bots.data?.items.map((b) => <BotCard key={b.id} bot={b} connectAgain={show} />)}</Stack>
      {(gone.data?.items.length ?? 0) > 0 && (
        <Stack mt="xl">
          <Title order={2}>{words.bots.gone}</Title>
          {gone.data?.items.map((b) => (
            <BotCard key={b.id} bot={b} connectAgain={show} />
          ))}
        </Stack>
      )}
      <Modal opened={open} onClose={close} title={words.bots.connect} closeButtonProps={{ 'aria-label': words.common.close }}>
        <ConnectBot
          done={(b) => {
            close();
            tell(words.bots.connected(b.name));
          }}
        />
      </Modal>
    </>
  );
}
