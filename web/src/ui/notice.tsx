import { notifications } from '@mantine/notifications';
import { Said } from './said';

/** Says for some seconds that something was done. */
export function tell(message: string) {
  notifications.show({ message, color: 'teal' });
}

/** Says that something was not done, and why. */
export function tellFault(error: unknown) {
  notifications.show({ message: <Said error={error} />, color: 'red', autoClose: 12_000, role: 'alert' });
}
