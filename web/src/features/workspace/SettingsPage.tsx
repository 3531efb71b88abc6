import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { PageHeader } from '@/ui/PageHeader';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { About } from './About';
import { Audit } from './Audit';
import { Keys } from './Keys';
import { People } from './People';
import { Profile } from './Profile';
import { Webhooks } from './Webhooks';
import { WorkspaceForm } from './WorkspaceForm';
import classes from './SettingsPage.module.css';

/** What is set once: for oneself, and for the workspace. */
export function SettingsPage() {
  const words = useWords();
  const mayConfigure = useMay('configure');
  const mayGovern = useMay('govern');
  const { tab } = useSearch({ from: '/settings' });
  const navigate = useNavigate({ from: '/settings' });
  const tabs = [
    { name: 'profile', shown: true, panel: <Profile /> },
    { name: 'workspace', shown: mayConfigure, panel: <WorkspaceForm /> },
    { name: 'people', shown: mayGovern, panel: <People /> },
    { name: 'keys', shown: mayGovern, panel: <Keys /> },
    { name: 'webhooks', shown: mayConfigure, panel: <Webhooks /> },
    { name: 'audit', shown: mayGovern, panel: <Audit /> },
    { name: 'about', shown: true, panel: <About /> },
  ] as const;
  const shown = tabs.filter((t) => t.shown);
  return (
    <>
      <PageHeader title={words.settings.title} />
      <Tabs value={shown.some((t) => t.name === tab) ? tab : 'profile'} onChange={(t) => void navigate({ search: { tab: t ?? undefined }, replace: true })} keepMounted={false}>
        <Tabs.List mb="lg" className={classes.tabs}>
          {shown.map((t) => (
            <Tabs.Tab key={t.name} value={t.name}>
              {words.settings.tabs[t.name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map((t) => (
          <Tabs.Panel key={t.name} value={t.name}>
            {t.panel}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
