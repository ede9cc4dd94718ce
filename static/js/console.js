// @ts-check
// The agents' console. Pages work without it; this makes them live. Each element is a file that says what it does.
import "./elements/desk-console.js";
import "./elements/ticket-list.js";
import "./elements/ticket-thread.js";
import "./elements/message-composer.js";
import "./elements/macro-picker.js";
import "./elements/macro-hints.js";
import "./elements/macro-save.js";
import "./elements/macro-editor.js";
import "./elements/ticket-viewers.js";
import "./elements/connection-state.js";
import "./elements/pop-menu.js";
import "./elements/command-palette.js";
import "./elements/file-tray.js";
import "./elements/file-limit.js";
import "./elements/live-time.js";
import "./elements/side-panel.js";
import "./elements/bubble-preview.js";
import "./elements/live-part.js";
import "./elements/mail-test.js";
import "./elements/toast-list.js";
import "./elements/notice-test.js";
import "./elements/unfold-part.js";
import "./elements/move-message.js";
import "./elements/form-builder.js";
import "./elements/task-board.js";
import { listenToForms } from "./lib/forms.js";
import { listenToKeys } from "./lib/hotkeys.js";
import { listenToClicks } from "./lib/clicks.js";
import { listenToNotices } from "./lib/notices.js";
import { link } from "./lib/link.js";

listenToForms();
listenToKeys();
listenToClicks();
listenToNotices();
link.start();
