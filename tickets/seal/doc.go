// Package seal keeps what people wrote and who they are unreadable in the database, its copies and its logs.
//
// Master keys lie in the key ring, a file that the operator keeps (ringfile.go, ringtext.go). They wrap data keys, the
// rows of data_keys: one or more per contact, one for the desk, one for keyed hashes. A data key seals values with
// AES-256-GCM, bound to table, column and row, so that a value which is moved does not open; a value carries the id of
// its key (value.go). Erasing a person deletes her data keys. Rotating rewraps data keys and touches no value
// (rotate.go). The database keeps a fingerprint per master key and the ring is held against it at every start
// (masters.go), so that nobody starts a desk with the wrong ring.
//
// tickets, chat and app/auth call it within their transactions. It owns no goroutine, and the tables master_keys and
// data_keys. Data keys in use wait in a bounded cache (cache.go), for a minute at most: so long another process may
// still read what was erased. Files beside the database are sealed by app/blob with the same keys.
//
// # Every column
//
// clear: ids, states, times, numbers, words of the program. sealed: an AES-256-GCM value. hash: a keyed hash (Hash), a
// SHA-256 of a random token, or a slow password hash. A test holds this table against both schemas, so a new column
// is a decision. River's tables (river_*) and goose's (goose_*) are not listed: they hold ids, states and times only.
//
//	nodes
//	  clear  node holder until
//	leases
//	  clear  name holder until fence
//	master_keys
//	  clear  version created_at retired_at
//	  hash   fingerprint
//	data_keys
//	  clear  id purpose contact_id master created_at
//	  sealed wrapped
//	settings
//	  clear  name updated_at
//	  sealed value
//	acme_cache
//	  clear  name updated_at
//	  sealed value
//	counters
//	  clear  name n
//	contacts
//	  clear  id key_id locale vip blocked merged_into last_seen_at kept_at created_at updated_at
//	  sealed name
//	contact_identities
//	  clear  id contact_id kind verified created_at
//	  sealed value
//	  hash   hash last4
//	contact_tokens
//	  clear  contact_id
//	  hash   hash
//	contact_consents
//	  clear  id contact_id purpose version source given_at withdrawn_at
//	agents
//	  clear  id role locale theme availability disabled_at created_at updated_at
//	  sealed name email
//	  hash   email_hash password
//	teams
//	  clear  id created_at deleted_at
//	  sealed name
//	team_agents
//	  clear  team_id agent_id
//	inboxes
//	  clear  id channel public_key old_secret_until disabled_at created_at updated_at
//	  sealed name secret old_secret settings
//	tickets
//	  clear  id number inbox_id channel contact_id key_id status priority assignee_id team_id order_verified
//	  clear  last_pos last_seq last_contact_pos last_reply_pos contact_read agent_read waiting_since snoozed_until
//	  clear  merged_into previous_id first_replied_at first_reply_due_at overdue_at solved_at closed_at last_message_at emptied_at
//	  clear  created_at updated_at
//	  sealed subject order_no page_url page_title preview
//	  hash   order_hash order_last
//	ticket_counts
//	  clear  assignee_id status shard n
//	tags
//	  clear  id created_at
//	  sealed name
//	  hash   name_hash
//	ticket_tags
//	  clear  ticket_id tag_id
//	ticket_participants
//	  clear  ticket_id contact_id created_at actor_kind actor_id
//	messages
//	  clear  id ticket_id pos seq kind author_kind author_id guest_id state created_at changed_at held_until copied_from moved_to
//	  clear  files masked
//	  sealed client_id body
//	  hash   dedupe
//	attachments
//	  clear  id contact_id agent_id ticket_id message_id key_id type size file thumb width height state created_at
//	  sealed name
//	macro_groups
//	  clear  id scope owner_id parent_id place created_at updated_at
//	  sealed name
//	  hash   name_hash
//	macros
//	  clear  id scope owner_id group_id place uses used_at created_at updated_at
//	  sealed title shortcut body
//	  hash   title_hash shortcut_hash
//	macro_files
//	  clear  id macro_id type size file created_at
//	  sealed name
//	ticket_links
//	  clear  id ticket_id created_at expires_at revoked_at
//	  hash   token_hash
//	ratings
//	  clear  ticket_id id agent_id score created_at updated_at
//	  sealed comment
//	text_wishes
//	  clear  ticket_id id consent_at
//	  sealed phone
//	  hash   phone_hash
//	undelivered
//	  clear  ticket_id seq pos since told_at
//	sms_sends
//	  clear  id ticket_id pos state attempts created_at updated_at
//	  hash   phone_hash
//	mail_accounts
//	  clear  inbox_id active epoch last_uid polled_at failing_since step reason left_there created_at updated_at
//	  sealed settings server
//	mail_incoming
//	  clear  id inbox_id epoch uid key_id size state attempts entries put_away contact_id ticket_id message_id came_at created_at
//	  clear  done_at next_at
//	  sealed raw
//	mail_pieces
//	  clear  incoming_id n
//	  sealed piece
//	mail_seen
//	  clear  inbox_id incoming_id
//	  hash   hash
//	mail_ids
//	  clear  ticket_id message_id created_at
//	  hash   hash
//	mail_messages
//	  clear  message_id ticket_id inbox_id incoming_id reason auto created_at
//	  sealed head content
//	mail_letters
//	  clear  message_id ticket_id inbox_id kind state reason attempts queued_at next_at until_at begun_at unsure created_at updated_at
//	  sealed letter
//	mail_recipients
//	  clear  id message_id ticket_id role state code enhanced reason incoming_id sent_at created_at updated_at
//	  sealed address detail
//	  hash   address_hash
//	mail_addresses
//	  clear  bounced_at soft until_at updated_at
//	  hash   address_hash
//	webhooks
//	  clear  id events state agent_id created_at updated_at
//	  sealed url secret
//	webhook_deliveries
//	  clear  id hook_id n event state attempts status reason queued_at next_at created_at updated_at
//	order_attempts
//	  clear  id origin outcome step reason device trial arm contact_id at created_at
//	  sealed order_no detail page_url
//	  hash   dedupe session_hash order_hash
//	attempt_rolls
//	  clear  origin quarter outcome step reason device n
//	attempt_quarters
//	  clear  origin quarter outcome n
//	attempt_days
//	  clear  origin day outcome step reason device n
//	attempt_steps
//	  clear  origin day step
//	attempt_alarms
//	  clear  id origin began_at raised_at over_at ok missed usual_ok usual_missed usual step reason
//	forms
//	  clear  id public_key inbox_id occasion state version created_at updated_at
//	  sealed name settings draft
//	form_versions
//	  clear  id form_id n agent_id created_at
//	  sealed definition
//	form_responses
//	  clear  id form_id n revision contact_id ticket_id ask_id about_id agent_id channel locale order_verified rating nps
//	  clear  created_at updated_at editable_until
//	  sealed order_no page answers
//	  hash   order_hash source_hash
//	form_revisions
//	  clear  id response_id revision n rating nps locale at
//	  sealed answers
//	form_asks
//	  clear  id form_id contact_id ticket_id agent_id channel state reason attempts next_at at opened_at response_id
//	  sealed order_no
//	  hash   order_hash
//	form_refusals
//	  clear  contact_id ask_id at
//	form_rolls
//	  clear  form_id at channel agent_id question value n
//	form_product_rolls
//	  clear  form_id at sku question value n
//	short_links
//	  clear  id created_at expires_at
//	  sealed target
//	  hash   code_hash order_hash
//	orders
//	  clear  id key_id contact_id status platform currency total placed_at paid_at shipped_at delivered_at finished_at
//	  clear  updated_at ordered_at created_at changed_at trial arm
//	  sealed order_no detail
//	  hash   order_hash order_last digest
//	order_lines
//	  clear  order_id n sku quantity price
//	order_refunds
//	  clear  order_id n amount state at
//	products
//	  clear  id sku updated_at
//	  sealed name
//	  hash   name_hash
//	order_sources
//	  clear  id public_key active taken refused last_at last_code created_at updated_at
//	  sealed name secret mapping last_path
//	order_imports
//	  clear  id agent_id file plan state reason orders place added changed same older refused created_at started_at ended_at
//	  sealed name
//	order_import_faults
//	  clear  import_id n line col field code
//	order_paid_rolls
//	  clear  quarter n
//	insight_voices
//	  clear  id source subject_id message_id contact_id channel language team_id aspect complaint fine_id group_id score fixed
//	  clear  at day created_at
//	  sealed body
//	  hash   order_hash dedupe
//	insight_voice_products
//	  clear  sku voice_id
//	insight_groups
//	  clear  id level parent_id engine state pinned by_hand merged_into split_from language aspect size first_at last_at
//	  clear  twin_id twin_score twin_refused dirty nights version created_at updated_at
//	  sealed name title terms
//	insight_samples
//	  clear  group_id n voice_id
//	insight_rolls
//	  clear  kind ref day channel language team_id n
//	insight_days
//	  clear  kind day ref n
//	insight_weeks
//	  clear  kind week ref n
//	insight_aspects
//	  clear  id name
//	insight_costs
//	  clear  group_id day currency amount orders
//	insight_actions
//	  clear  id kind group_id agent_id data at undone_at undone_by
//	  sealed text
//	insight_findings
//	  clear  group_id day kind days observed expected chance told_at
//	insight_marks
//	  clear  id kind from_day to_day agent_id created_at
//	  sealed title
//	insight_runs
//	  clear  id kind state reason texts of_texts moved plain memory model digest began_at ended_at
//	insight_imports
//	  clear  id agent_id key_id file plan state reason lines place added known empty refused created_at started_at ended_at
//	  sealed name
//	insight_import_faults
//	  clear  import_id n line col field code
//	insight_import_lines
//	  clear  import_id subject_id
//	  hash   hash
//	improve_tasks
//	  clear  id number owner_id due_day target state how change_day place effect effect_at version agent_id state_at created_at updated_at
//	  sealed title what why links
//	improve_groups
//	  clear  task_id group_id
//	improve_people
//	  clear  task_id agent_id
//	improve_entries
//	  clear  id task_id kind agent_id data at
//	  sealed body
//	improve_files
//	  clear  id task_id agent_id type size file created_at
//	  sealed name
//	improve_trials
//	  clear  id task_id public_key mode share fall state need weeks pace harm_only started_at ended_at created_at
//	improve_exposures
//	  clear  trial_id contact_id treated first_at
//	  hash   unit_hash
//	tellings
//	  clear  id task_id agent_id state since before people told missed created_at worked_at ended_at
//	  sealed texts
//	telling_people
//	  clear  id telling_id task_id contact_id ticket_id state reason way told_at answer answered_at
//	  hash   token_hash
//	improved_stories
//	  clear  task_id since fall published_at agent_id updated_at
//	  sealed texts
//	drafts
//	  clear  agent_id ticket_id kind id updated_at
//	  sealed body
//	events
//	  clear  n ticket_id pos type subject_id actor_kind actor_id data at
//	event_readers
//	  clear  name cursor updated_at
//	alerts
//	  clear  id kind began_at seen_at over_at
//	  sealed args
//	notifications
//	  clear  id agent_id kind subject_id ticket_id n at read_at
//	notice_waits
//	  clear  ticket_id since next_at told
//	notice_targets
//	  clear  id kind kinds locale quiet_from quiet_to disabled_at failing_at created_at updated_at
//	  sealed name url secret
//	notice_sends
//	  clear  id agent_id target_id kind subject_id ticket_id state reason attempts due_at created_at done_at
//	erasures
//	  clear  contact_id actor_kind actor_id reason created_at done_at
//	access_log
//	  clear  id agent_id action contact_id at
//	notices
//	  clear  version zh en asks agent_id created_at
//	retention_runs
//	  clear  id started_at ended_at contacts tickets visitors trails accesses mails orders
//	chat_sessions
//	  clear  id contact_id inbox_id signed expires_at revoked_at seen_at created_at
//	  sealed context
//	  hash   token_hash
//	web_sessions
//	  clear  id agent_id expires_at
//	  sealed data
//	  hash   token_hash
//	api_tokens
//	  clear  id agent_id created_at last_used_at revoked_at scopes
//	  sealed name
//	  hash   token_hash
//	idempotency_keys
//	  clear  token_id id status contact_id created_at
//	  sealed answer
//	  hash   hash request
//	agent_links
//	  clear  id kind agent_id role made_by created_at expires_at ended_at
//	  sealed email name
//	  hash   token_hash email_hash
//	sign_in_failures
//	  clear  failures blocked_until updated_at
//	  hash   key_hash
package seal
