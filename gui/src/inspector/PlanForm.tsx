import { MailRules } from '@/inspector/MailRules'
import { MessagesForm } from '@/inspector/MessagesForm'
import { ResourcesForm } from '@/inspector/ResourcesForm'
import { RulesForm } from '@/inspector/RulesForm'
import { edit, endGesture, useDocument } from '@/store/document'
import { TextField } from '@/ui/Field'
import { Section } from '@/ui/Section'
import styles from '@/inspector/Form.module.css'

/** What a plan says as a whole: its mail from outside, its rules, what it brings along. */
export function PlanForm() {
  const { title, messages, postmaster, steps, resources } = useDocument((state) => state.document)
  const brought = Object.values(resources).flatMap((kind) => Object.keys(kind)).length
  const changed = Object.keys(postmaster).length
  const general = steps.some((rule) => rule.region === null)
  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <TextField
        label="Title"
        value={title}
        onChange={(value) => edit((now) => ({ ...now, title: value }), 'title')}
        onDone={endGesture}
      />
      <Section title="Messages to begin with" note={String(messages.length)}>
        <MessagesForm />
      </Section>
      <Section title="Mail" open={changed > 0} note={changed > 0 ? 'changed' : 'default'}>
        <MailRules />
      </Section>
      <Section title="Every step" open={general} note={general ? 'changed' : 'default'}>
        <RulesForm region={null} />
      </Section>
      <Section title="Resources" open={brought > 0} note={String(brought)}>
        <ResourcesForm />
      </Section>
    </form>
  )
}
