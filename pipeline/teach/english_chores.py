"""More of what people ask of an assistant: chores, figures, small talk, studies, moods. Beside english_tasks.py, our words."""

from pipeline.teach import english_tasks

WORDS = {
    "object": [
        "e-mails", "invoices", "tickets", "photos", "receipts", "contacts", "files", "log entries", "orders", "timesheets",
        "backups", "calendar events", "leads", "passwords", "reports", "spreadsheets", "expenses", "support requests",
        "survey answers", "meeting notes", "tasks", "documents", "subscriptions", "bookings",
    ],
    "by": [
        "by date", "by urgency", "by size", "by customer", "every Monday", "daily at noon", "at midnight", "each week",
        "into folders", "automatically", "in alphabetical order", "for the whole team", "before the deadline", "in bulk",
        "with a script", "by department", "on a schedule", "",
    ],
    "chore": [
        "automate", "schedule", "sort", "archive", "back up", "rename", "merge", "organize", "label", "track", "monitor",
        "forward", "prioritize", "sync", "import", "export", "clean up", "file", "delete duplicate", "assign", "convert",
        "streamline", "filter", "tag", "compile", "update", "encrypt", "batch-process",
    ],
    "figures": [
        "quarterly sales", "website traffic", "customer churn", "production costs", "employee turnover", "stock levels",
        "ad spending", "market share", "customer complaints", "delivery times", "user growth", "competitor prices",
        "revenue by region", "subscription renewals", "inventory turnover", "the sales funnel", "supplier performance",
        "seasonal demand", "pricing", "conversion rates", "brand awareness", "cash flow", "operating margins",
    ],
    "goal2": [
        "to reduce costs", "for the board", "to find patterns", "for the next quarter", "and suggest improvements",
        "to increase revenue", "by region", "over the past year", "and visualize the results", "to spot risks",
        "compared with last year", "to guide decisions", "",
    ],
    "field": [
        "renewable energy", "sleep", "early education", "machine learning", "urban traffic", "nutrition", "coral reefs",
        "ageing", "vaccines", "remote work", "microplastics", "bilingual children", "social media", "gene therapy", "poverty",
        "battery technology", "the migration of birds", "obesity", "ocean currents", "the gut microbiome", "deforestation",
        "quantum computing", "mindfulness", "public transport", "earthquakes", "game theory",
    ],
    "group": [
        "teenagers", "the elderly", "the economy", "mental health", "students", "small farms", "cities", "biodiversity",
        "productivity", "children", "the job market", "developing countries", "sleep quality", "voters",
    ],
    "opinion": [
        "the soup was cold and the waiter rude",
        "best concert of my life",
        "it is okay, nothing special",
        "never again",
        "I can't stop smiling today",
        "the update ruined everything",
        "arrived early and works fine",
        "the plot was dull but the music saved it",
        "they listened and solved my problem",
        "such a letdown",
    ],
    "chat": [
        "how are you [today|doing|feeling|]?",
        "what is your [favourite|preferred] [colour|book|season|food|film|song|sport|animal|holiday]?",
        "do you [have|enjoy|like|believe in] [hobbies|music|feelings|ghosts|sports|friends|dreams|travelling|love at first "
        "sight]?",
        "tell me [something interesting|a secret|a fun fact|about yourself|about your day|a bedtime story|something funny].",
        "what [do you do for fun|makes you happy|did you do today|are you thinking about|can you do|is on your mind]?",
        "can you [sing|keep a secret|play a game with me|cheer me up|recommend a film|tell the future|speak {language}]?",
        "what should I [do today|eat tonight|wear tomorrow|watch this weekend|name my cat|get my mother for her birthday]?",
        "are you [human|a robot|smart|happy|lonely|married|busy]?",
        "who is your [hero|favourite author|best friend|creator]?",
        "if you could [travel anywhere|meet anyone|have a superpower|change one thing], what would it be?",
        "good [morning|evening|night][, how was your day?|, what's new?|!]",
        "what's [new|up|the latest news|the weather like today|trending today|your name]?",
        "[give me|share|do you have] [a|some|any] [compliment|advice for a bad day|words of wisdom|travel tips|weekend "
        "plans|good jokes].",
    ],
}
WORDS = english_tasks.WORDS | WORDS
CHORES = {
    "chore": [
        "{please}{chore} [all|my|the|our|old|new|incoming|unread|] {object} {by}.",
        "{chore} {object} and {chore} {object}.",
        "[set up|create|build|configure|design] [a|an] [workflow|rule|script|automation|template|alert|reminder|filter] "
        "[for|to handle] {object} {by}.",
        "[how can I|help me|I want to|can you|is there a way to] {chore} [my|the|] {object} {by}[?|.]",
        "[generate|prepare|produce|compile|send out] [a|the] [daily|weekly|monthly|automatic] "
        "[report|summary|overview|digest] of {object}.",
        "[send|e-mail|post] [a|the] [reminder|invitation|follow-up|newsletter|notification] [to all staff|to the customers|to "
        "everyone|about the meeting|about unpaid {object}].",
        "[transcribe|digitize|scan|proofread|summarize] [the|these|my] [meeting|notes|recordings|{object}|interview].",
    ],
    "figures": [
        "[analyze|examine|evaluate|assess|review|study|forecast|predict|investigate|benchmark|break "
        "down|model|estimate|measure|report] {figures} {goal2}.",
        "[identify|find|determine|spot|reveal] [the|] [trends|drivers|causes|weak points|outliers|key factors|bottlenecks] "
        "[in|of|behind] {figures} {goal2}.",
        "[create|build|make|draw|design|generate|prepare] [a|an] [dashboard|chart|report|forecast|model|heat map|slide "
        "deck|scorecard] [of|on|for|showing] {figures} {goal2}.",
        "[compare|relate|correlate] {figures} [with|and|to] {figures} {goal2}.",
        "[what|which] [trends|factors|risks|products|customers] [drive|explain|affect|influence|hurt] {figures}?",
        "how [has|will|did|does] {figures} [change|develop|compare|look] {goal2}?",
        "[use|apply|run] [regression|clustering|a time series|data mining|A/B testing|a decision tree] [to|on] "
        "[predict|explain|{figures}] {figures}.",
    ],
    "small_talk": [
        "{chat}",
    ],
    "study": [
        "[research|investigate|study|examine|explore|analyze|review] the "
        "[effect|effects|impact|influence|role|consequences|history|benefits|causes|economics] of {field} [on {group}|in "
        "{place}|].",
        "[find|collect|gather|look up|locate|cite|list|search for] [recent|peer-reviewed|{n}|the latest|reliable|primary] "
        "[studies|papers|data|sources|statistics|articles|findings|reports] [on|about] {field}.",
        "[write|draft|outline|prepare] [a|an] [literature review|abstract|research proposal|annotated "
        "bibliography|methodology section|grant application|hypothesis] [on|about] {field} [and {group}|].",
        "[what|which] [studies|theories|methods|evidence|gaps|findings] [exist|are there|are known|matter] [on|about|in "
        "research on] {field}?",
        "[summarize|compare|critique|discuss] [the|] [current|leading|opposing] [research|theories|findings|views|methods] "
        "[on|about|of] {field}.",
        "how does {field} [affect|influence|change|relate to|shape] {group}?",
    ],
    "mood": [
        "[determine|detect|identify|classify|judge|measure|gauge|label|find|evaluate|assess] the "
        "[sentiment|mood|emotion|attitude|tone|emotional tone|polarity|feeling] [of|in|behind|expressed in] [this|the "
        "following|the|a|these] [tweet|review|comment|message|feedback|post|reviews|letters|lyrics][.|: {opinion}.|: "
        "\"{opinion}\".]",
        "[is|was] [this|the following] [customer|author|comment|review|tweet] "
        "[happy|angry|positive|satisfied|sarcastic|upset|neutral] [or not|]?[| {opinion}]",
        "[does|how does] the [writer|speaker|reviewer|customer|author] [feel|sound|think] about [the product|the service|the "
        "film|the event]?",
        "[count|sort|separate|group] the [positive|negative|angry|neutral] [reviews|comments|words|tweets] [from|in] [the "
        "list|this text|the feedback|the following].",
        "\"{opinion}\" [- positive or negative?|what is the sentiment here?|is this sarcastic?|rate from 1 to 5.]",
    ],
}
