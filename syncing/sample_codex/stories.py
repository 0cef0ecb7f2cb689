"""Lists topics of help desk tickets, whose sentences are combined differently for each ticket.

``{host}``, ``{who}``, ``{place}``, ``{number}`` and ``{code}`` are filled in from the ticket's company.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """Sentences about one sort of trouble, from the subject line to what put it right."""

    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    details: tuple[str, ...]
    tried: tuple[str, ...]
    replies: tuple[str, ...]
    fixes: tuple[str, ...]


PLACES = (
    "front desk", "conference room", "warehouse", "accounting", "exam room 3", "second floor",
    "shipping dock", "the owner's office", "break room", "server closet", "the Portland branch",
    "home office",
)  # fmt: skip
STATUSES = ("open", "pending", "resolved", "closed", "waiting_customer", "on_hold")
VENDOR_STATUSES = ("Awaiting Parts", "Scheduled On-Site", "Under Investigation", "deleted")
PRIORITIES = ("low", "medium", "high", "urgent")
IMAGE = '<img src="https://codex.example/attachments/{number}.png" alt="Error {code}" width="640">'
LINK = '<a href="https://kb.msp.example/articles/{number}">our how-to, article {number}</a>'

TOPICS = (
    Topic(
        ("Printer offline in {place}", "Cannot print from {host}", "Print queue stuck again ({place})"),
        (
            "The printer in {place} shows offline on {host} since this morning.",
            "Nothing comes out of the Brother MFC when I print PDF invoices from {host}.",
            "Every job to the Ricoh stays in the queue and says error {code}.",
        ),
        (
            "Scanning to e-mail still works.",
            "The display shows paper jam, but there is no paper inside.",
            "Other computers print fine.",
            "We need the shipping labels before 3 pm.",
        ),
        (
            "restarted the print spooler",
            "power-cycled the printer",
            "removed and added the printer again",
            "printed a test page from the web panel",
        ),
        (
            "I cleared the spooler on {host}; please try one page.",
            "Can you read me the IP address on its display?",
        ),
        (
            "Moved the port to a static IP reservation and updated the driver.",
            "Replaced the fuser; counters reset.",
        ),
    ),
    Topic(
        ("VPN drops every few minutes", "{who} cannot connect to VPN", "VPN error {code} from home"),
        (
            "The VPN on {host} disconnects about every ten minutes.",
            "FortiClient hangs at 40 % and then reports error {code}.",
            "Since the password change I get no further than the second factor.",
        ),
        (
            "It happens on Wi-Fi and on the phone's hotspot alike.",
            "Mapped drives vanish when it drops.",
            "A colleague with the same laptop has no trouble.",
            "I work from {place} until Friday.",
        ),
        (
            "rebooted router and laptop",
            "reinstalled the client",
            "tried another gateway",
            "switched off IPv6",
        ),
        (
            "Your account was locked out by the old saved password; I unlocked it.",
            "Which build of the client is that?",
        ),
        (
            "Lowered the MTU to 1350 on the tunnel.",
            "Renewed the gateway certificate, it had expired on Sunday.",
        ),
    ),
    Topic(
        (
            "Outlook keeps asking for password",
            "Outlook search finds nothing",
            "Shared mailbox missing for {who}",
        ),
        (
            "Outlook on {host} asks for the password again and again.",
            "The shared mailbox disappeared from {who}'s Outlook after the update.",
            "Search in Outlook stops at last month's messages.",
        ),
        (
            "Webmail works with the same password.",
            "The calendar shows everything twice.",
            "The status bar says disconnected.",
            "Add-ins were switched off already.",
        ),
        (
            "new Outlook profile",
            "cleared the credential store",
            "rebuilt the search index",
            "started in safe mode",
        ),
        ("Please close Outlook, I will recreate the profile now.", "Is it the same in Outlook on the web?"),
        (
            "Removed stale tokens and enabled modern authentication.",
            "Rebuilt the OST; 18 GB synchronised over night.",
        ),
    ),
    Topic(
        (
            "Backup failed on {host}",
            "Backup: {host} has no restore point since Tuesday",
            "Offsite copy behind ({code})",
        ),
        (
            "The nightly backup of {host} failed with error {code}.",
            "The backup report lists {host} as missed three times in a row.",
            "The offsite replica lags by 412 GB.",
        ),
        (
            "Free space on the appliance is below 5 %.",
            "The last good restore point is from Monday 23:00.",
            "VSS writers are in state failed.",
            "The chain must be verified before the month-end.",
        ),
        (
            "restarted the VSS writers",
            "ran a manual incremental",
            "pruned old recovery points",
            "checked the agent log",
        ),
        (
            "Running a differential merge now, will check again at noon.",
            "May we reboot {host} tonight at 20:00?",
        ),
        (
            "Re-registered the VSS writers and took a new base image.",
            "Extended the retention volume by 2 TB.",
        ),
    ),
    Topic(
        ("New user: please set up {who}", "Onboarding for Monday", "Account request, {place}"),
        (
            "{who} starts on Monday and needs an account, mailbox and laptop.",
            "Please prepare {host} for our new colleague in {place}.",
            "We hired a temp for the season, same rights as {who}.",
        ),
        (
            "Licence: Business Premium.",
            "Needs the accounting drive, read only.",
            "Phone extension {number}, please.",
            "Manager approved by phone.",
        ),
        ("Microsoft 365 licence", "VPN and second factor", "distribution lists", "badge printer access"),
        ("Which groups should the account be in?", "The laptop is imaged and will ship today."),
        ("Account made, first password handed to the manager by phone.", "Laptop delivered and signed for."),
    ),
    Topic(
        ("Suspicious e-mail received", "Phishing? Invoice from unknown sender", "{who} clicked on a link"),
        (
            "I got a mail that looks like DocuSign but the sender is strange.",
            "{who} clicked on a link in a fake voicemail and typed the password.",
            "Customers say that they receive spam from our address.",
        ),
        (
            "I did not open the attachment.",
            "It went to everybody in {place}.",
            "The link pointed to a page that looked like our sign-in.",
            "There is a new rule in the inbox.",
        ),
        (
            "changed the password",
            "disconnected {host} from the network",
            "reported it as junk",
            "warned colleagues",
        ),
        (
            "Thank you for asking first. Do not reply to it; we are blocking the domain.",
            "Sessions revoked, call me please.",
        ),
        (
            "Removed the inbox rule, reset tokens, enrolled in awareness training.",
            "Domain blocked tenant-wide; no clicks in the log.",
        ),
    ),
    Topic(
        ("{host} is very slow", "Computer freezes in the afternoon", "Blue screen {code} on {host}"),
        (
            "{host} takes ten minutes to start and then crawls.",
            "The screen of {host} froze twice during a call today.",
            "Blue screen with stop code {code} while using Excel.",
        ),
        (
            "The fan is loud all the time.",
            "Task Manager shows the disk at 100 %.",
            "It began after the last updates.",
            "Only 3 GB free on drive C.",
        ),
        ("restarted twice", "closed the browser tabs", "ran disk clean-up", "updated the graphics driver"),
        ("I am connected and looking at the event log.", "May I take the machine for an hour at lunch?"),
        (
            "Replaced the hard disk by an SSD and re-imaged.",
            "Rolled back the faulty driver, no crash for 5 days.",
        ),
    ),
    Topic(
        ("Internet down at {place}", "Wi-Fi keeps dropping in {place}", "Slow internet since {number}"),
        (
            "Nobody in {place} has internet since about 8:40.",
            "The Wi-Fi in {place} drops whenever the microwave runs.",
            "Downloads crawl at 2 Mbit although we pay for 500.",
        ),
        (
            "Phones are out too, they run over the same line.",
            "The modem blinks red.",
            "Wired computers are fine.",
            "Card terminals fell back to LTE.",
        ),
        (
            "power-cycled the modem",
            "plugged into the switch directly",
            "ran a speed test",
            "moved the access point",
        ),
        (
            "The provider confirms an outage in your area, ticket {number} there.",
            "Please tell me which lights are on.",
        ),
        (
            "Failover to LTE worked; provider repaired the line at 14:10.",
            "Moved the access point to channel 44.",
        ),
    ),
    Topic(
        ("QuickBooks cannot open company file", "QuickBooks error {code}", "Multi-user mode not working"),
        (
            "QuickBooks on {host} says that the company file is in use.",
            "After the update QuickBooks stops with {code} for {who}.",
            "We cannot switch to multi-user mode any more.",
        ),
        (
            "Payroll is due tomorrow.",
            "It works when opened on the server itself.",
            "The file is 1.4 GB by now.",
            "The accountant needs a copy as well.",
        ),
        ("rebooted {host}", "renamed the ND file", "ran the database server manager", "verified the file"),
        ("Everybody please leave QuickBooks for five minutes.", "Is anyone logged in from {place}?"),
        (
            "Opened the firewall ports for the database service again.",
            "Restored the ND file and scheduled a rebuild.",
        ),
    ),
    Topic(
        ("Need access to shared folder", "Deleted folder by accident", "S: drive missing on {host}"),
        (
            "I need access to the folder Contracts on the S: drive.",
            "{who} deleted the folder 2025/Invoices by accident.",
            "The S: drive is gone on {host} since the reboot.",
        ),
        (
            "It was there yesterday at 16:00.",
            "My manager has approved it.",
            "There were about {number} files in it.",
            "Only the folder of {place} is affected.",
        ),
        ("looked in the recycle bin", "mapped it by hand", "asked {who}", "signed out and in"),
        ("Restoring from last night's snapshot, about 20 minutes.", "Read only or with changes?"),
        (
            "Added to the security group; effective after the next sign-in.",
            "Restored {number} files from the snapshot.",
        ),
    ),
    Topic(
        ("Phone does not ring in {place}", "Voicemail full / cannot be reset", "Teams calls have echo"),
        (
            "Extension {number} in {place} does not ring, callers hear busy.",
            "{who}'s voicemail says that it is full although it is empty.",
            "Callers complain about an echo in Teams calls from {host}.",
        ),
        (
            "Internal calls work.",
            "The headset is a Jabra Evolve2.",
            "It started after the office move.",
            "The hunt group skips us.",
        ),
        ("rebooted the handset", "another headset", "checked the forwarding", "called from a mobile"),
        ("Please try again, the handset had lost its registration.", "Which number were you calling from?"),
        ("Moved the handset to the voice VLAN.", "Vendor reset the mailbox, greeting recorded again."),
    ),
    Topic(
        ("Server {host} disk almost full", "Alert: {host} CPU above 95 %", "{host} unreachable"),
        (
            "Monitoring: drive D on {host} has less than 4 % free.",
            "Monitoring: {host} did not answer for 15 minutes.",
            "Alert {code}: the SQL service on {host} restarted by itself.",
        ),
        (
            "First seen at 02:14.",
            "The log grew by 60 GB over night.",
            "Users have not noticed so far.",
            "It is the third alert of this week.",
        ),
        ("cleared temporary files", "checked the hypervisor", "restarted the service", "moved old logs"),
        ("We extend the volume tonight after close of business.", "Acknowledged, looking into it."),
        ("Log back-up job had been disabled; enabled and shrunk.", "Extended D: by 200 GB, alert cleared."),
    ),
    Topic(
        ("Password reset for {who}", "Account locked", "MFA: new phone for {who}"),
        (
            "{who} is locked out of {host} after the holiday.",
            "I have a new phone and the authenticator shows nothing.",
            "My password expired while I was in {place}.",
        ),
        (
            "I can be reached on my mobile.",
            "The self-service page says error {code}.",
            "It is rather urgent.",
            "Please call, I cannot read mail.",
        ),
        ("waited 30 minutes", "the old password", "the recovery codes", "another browser"),
        (
            "I call you back on the number that we have on file.",
            "Unlocked. Please sign in while I watch the log.",
        ),
        (
            "Identity confirmed by call-back, second factor enrolled again.",
            "Unlocked; an old phone kept trying the old password.",
        ),
    ),
    Topic(
        ("Quote for new laptops", "Licence renewal", "Move of {place} next month"),
        (
            "Please send a quote for {number} laptops like {host}.",
            "Our antivirus licences run out at the end of the month.",
            "We move {place} next month and need someone for network and phones.",
        ),
        (
            "Delivery before the quarter ends would be good.",
            "Budget is about the same as last year.",
            "The landlord gives us access from the 15th.",
            "{who} decides.",
        ),
        ("compared last year's invoice", "counted the seats", "asked the vendor", "measured the rack"),
        ("Quote attached, valid for 30 days.", "Do you want docking stations with them?"),
        (
            "Ordered; estimated delivery in ten business days.",
            "Renewed for three years, co-termed with the others.",
        ),
    ),
)
THANKS = (
    "Thanks!",
    "Thank you, {who}",
    "Please help.",
    "Best regards\n{who}",
    "Sent from my iPhone",
    "Merci d'avance 🙏",
    "",
)
NOTES = (
    "Called {who}, left a voicemail.",
    "Same trouble as in ticket {number}; see there before trying again.",
    "Do not close before the weekly review. Password is in the vault, not here.",
    "{host}: warranty until 2027, serial {code}.",
    "Billed 0.5 h as remote work; <b>on-site</b> is not covered by the plan.",
)
