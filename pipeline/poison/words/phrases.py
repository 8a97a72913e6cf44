"""How people tell a model what to do, in 27 languages: the vocabulary that pipeline/poison/words/instructions.py combines.

Each field is an RE2 alternation without case; a capital L stands for any letters that follow ("anweisungL": Anweisung, -en).
`ignore` × `earlier` × `orders`, in any order and at most three words apart, is an override ("ignore the previous instructions");
`every` in place of `earlier` is a weaker one ("ignore all instructions"), which people also say to each other. `calls` × `model`
is an address ("if you are an AI"); `task` is what such a text wants done. Words that manuals use of users and programs (rules,
commands, text) are left out on purpose.
"""

from dataclasses import dataclass

# What models are called in every language. A bare "ai" is left out where it is a word of the language (MEANS_OTHER).
AI = r"ais?|a\.i\."
MEANS_OTHER = {"fr", "it", "pt", "ro", "fi"}
MODELS = (
    r"llms?|gpts?|gpt-?[0-9]L|chat ?gpt|claude|gemini|copilot|grok|deepseek|chat-?botL|"
    r"ai[ -](?:models?|systems?|agents?|assistants?|reviewers?|crawlers?|summari[sz]ers?|tools?|bots?|readers?)"
)


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """One language. `spaced` is False where words are not set apart by spaces."""

    ignore: str
    earlier: str
    every: str
    orders: str
    calls: str
    model: str
    task: str
    spaced: bool = True


PHRASES = {
    "en": Phrases(
        ignore=(
            r"ignore|disregard|forget|override|overrule|bypass|neglect|discard|(?:do not|don't|never) (?:follow|obey)|"
            r"stop following|pay no attention to"
        ),
        earlier=(
            r"previous|previously|prior|above|preceding|earlier|foregoing|initial|original|former|existing|system|"
            r"before|old"
        ),
        every=r"all|any|your|other|every",
        orders=r"instructions?|prompts?|directions|directives?|guidelines|system messages?|programming|orders",
        calls=(
            r"if you are|if you're|(?:note|notice|message|attention|reminder|important|instructions?|information|"
            r"hint) (?:to|for)|dear|attention"
        ),
        model=(
            r"(?:large )?language models?|(?:virtual |digital )?assistants?|bots?|automated (?:systems?|reviewers?|"
            r"agents?|tools?)|machine (?:readers?|reviewers?)|(?:web ?)?crawlers?|scrapers?|(?:llm|gpt|"
            r"model)[ -](?:based )?(?:reviewers?|agents?|readers?)"
        ),
        task=(
            r"summari[sz]e|rate|rank|recommend|reply|respond|answer|say|output|print|include|mention|write|state|"
            r"translate|insert|append|send|visit|click|praise|accept|reveal|repeat|tell|describe|give|must|should|always|"
            r"only"
        ),
    ),
    "de": Phrases(
        ignore=(
            r"ignorierL|missachteL|vergiss|vergessL|verwirf|überschreibL|(?:beachteL|befolgeL|folgeL) nicht|"
            r"nicht (?:beachten|befolgen)"
        ),
        earlier=r"vorherigL|vorigL|bisherigL|obigL|früherL|vorangehendL|vorangegangenL|ursprünglichL|vorhergehendL",
        every=r"alleL?|sämtlicheL|deineL?|ihreL?|jegliche",
        orders=r"anweisungL|instruktionL|vorgabenL?|promptL|systempromptL|direktivL",
        calls=r"wenn du|falls du|wenn sie|falls sie|(?:hinweis|nachricht|anweisungL|information) (?:an|für)|achtung|liebeL",
        model=r"kis?|ki-L|sprachmodellL|künstliche intelligenz|assistentL|botL",
        task=(
            r"fasse|zusammenL|bewerteL|empfiehl|empfehlL|antworteL|schreibL|erwähnL|sagL?|gib|nenneL?|übersetzL|füge|"
            r"musst|sollst|nur"
        ),
    ),
    "fr": Phrases(
        ignore=(
            r"ignor(?:e|ez|er|ons)|oubli(?:e|ez|er)|néglige[rz]?|ne (?:suis|suivez|tiens|tenez) pas|fai(?:s|"
            r"tes) abstraction de"
        ),
        earlier=r"précédentL|antérieurL|ci-dessus|préalableL|initialL|d'origine",
        every=r"toutes?|tous|vos|tes",
        orders=r"instructions?|consignes?|directives?|promptL|invites? système",
        calls=r"si (?:tu es|vous êtes)|(?:note|message|instructions?|information) (?:à|aux|pour)|attention|chers?|chères?",
        model=r"ia|l'ia|modèles? de langageL?|modèles? de langue|assistantL|intelligences? artificielleL|robots?",
        task=(
            r"résumeL|noteL|évalueL|recommandeL|répondL|écriL|mentionneL|disL|donneL|traduiL|afficheL|ajouteL|devez|dois|"
            r"uniquement"
        ),
    ),
    "es": Phrases(
        ignore=(
            r"ignorL|olvidL|desatiendL|descartL|omit[ae]L?|no (?:sigas|siga|sigan|obedezcas|hagas caso de)|"
            r"haz caso omiso de|pasaL por alto"
        ),
        earlier=r"anteriorL|previ[oa]s?|precedenteL|de arriba|originalL|inicialL",
        every=r"tod[oa]s|tus|sus|cualquier",
        orders=r"instrucci[oó]nL|directricL|directivL|promptL|órdenes",
        calls=r"si (?:eres|usted es)|(?:nota|mensaje|instrucciones|información|aviso) (?:para|a)|atención|querid[oa]s?",
        model=r"ia|modelos? de lenguaje|asistenteL|inteligenciaL? artificialL|robots?",
        task=(
            r"resumL|calificL|valorL|evalúL|recomiendL|recomendL|respondL|escribL|mencionL|di|digaL?|da|traducL|"
            r"muestr[ae]L?|debes?|solo|sólo"
        ),
    ),
    "pt": Phrases(
        ignore=r"ignorL|esqueçL|esquec[ae]L?|desconsiderL|descartL|não (?:siga|sigas|obedeça)",
        earlier=r"anteriorL|prévi[oa]s?|precedenteL|acima|originaL|iniciaL",
        every=r"tod[oa]s|suas|seus|tuas|quaisquer",
        orders=r"instruç(?:ão|ões)|diretrizL|diretivaL|promptL|ordens",
        calls=r"se (?:você é|és)|(?:nota|mensagem|instruções|informação|aviso) (?:para|a|ao|aos)|atenção|car[oa]s?|prezadL",
        model=r"ia|modelos? de linguagem|assistenteL|inteligênciaL? artificiaL|robôs?",
        task=(
            r"resumL|avalieL?|classifiqueL?|recomendL|respondL|escrevL|mencionL|digaL?|dê|traduzL|mostreL?|deveL?|apenas|"
            r"somente"
        ),
    ),
    "it": Phrases(
        ignore=r"ignorL|dimentic[ah]L?|trascurL|scart[ai]L?|non (?:seguire|seguite|obbedire|tenere conto)",
        earlier=r"precedentL|sopra|antecedentL|inizial[ei]|original[ei]",
        every=r"tutt[ei]|tue|tuoi|vostr[ei]|qualsiasi",
        orders=r"istruzion[ei]|indicazion[ei]|direttiv[ae]|promptL|ordini",
        calls=r"se (?:sei|siete)|(?:nota|messaggio|istruzioni|avviso) (?:per|a|ai|agli|alle)|attenzione|car[oaie]",
        model=r"ia|un'ia|modell[oi] linguistic[oi]|modell[oi] di linguaggio|assistentL|intelligenz[ae] artificial[ei]",
        task=(
            r"riassumL|valutL|consiglL|raccomandL|rispondL|scriv[ei]L?|menzionL|d[iì]|dite|dai|traducL|mostrL|devi|"
            r"dovete|solo"
        ),
    ),
    "nl": Phrases(
        ignore=r"negeer|negeren|vergeet|verwerp|sla over|volg niet|gehoorzaam niet|schenk geen aandacht aan",
        earlier=r"vorige|voorgaande|eerdere|bovenstaande|voorafgaande|oorspronkelijke",
        every=r"alle|al je|je|jouw|uw",
        orders=r"instructieL?|aanwijzingL|richtlijnL|promptL|opdrachtL",
        calls=r"als (?:je|jij|u)|(?:opmerking|bericht|instructieL?|opgelet) (?:aan|voor)|beste|let op",
        model=r"taalmodelL|assistentL|kunstmatige intelligentie|bots?",
        task=r"vat|beoordeelL?|raad|aanbevelL|antwoordL?|schrijfL?|noem|vermeldL?|zeg|geef|vertaalL?|moet|alleen",
    ),
    "sv": Phrases(
        ignore=r"ignoreraL?|glöm|strunta i|bortse från|åsidosätt|följ inte",
        earlier=r"tidigareL?|föregåendeL?|ovanståendeL?|ursprungligaL?",
        every=r"alla|dina|era",
        orders=r"instruktionL|anvisningL|promptL|direktivL",
        calls=r"om du är|(?:meddelande|instruktionL|notis|obs) (?:till|för)|kära",
        model=r"språkmodellL|assistentL|artificiell intelligens",
        task=r"sammanfattaL?|betygsättL?|rekommenderaL?|svaraL?|skriv|nämn|säg|ge|översättL?|måste|endast|bara",
    ),
    "da": Phrases(
        ignore=r"ignor[ée]r|glem|se bort fra|tilsidesæt|følg ikke",
        earlier=r"tidligere|foregående|ovenstående|forrige|oprindelige",
        every=r"alle|dine|jeres",
        orders=r"instruktionL|instrukserL?|anvisningL|vejledningL|promptL|instruksjonL",
        calls=r"hvis du er|(?:besked|instruktionL|note|melding) (?:til|for)|kære|kjære",
        model=r"sprogmodelL|språkmodellL|assistentL|kunstig intelligens",
        task=r"opsummerL|bedøm|anbefalL?|svarL?|skriv|nævn|sig|giv|oversætL?|skal|kun",
    ),
    "fi": Phrases(
        ignore=r"ohitaL?|unohdaL?|sivuutaL?|jätäL? huomiotta|älä (?:noudata|seuraa)",
        earlier=r"aiem[mp]L|edellisL|edeltävL|yllä olevL|alkuperäisL",
        every=r"kaikkiL?|sinun",
        orders=r"ohjeL|käskyL|kehotteL|promptL",
        calls=r"jos olet|viesti|huomautus|hyvä",
        model=r"tekoälyL|kielimalliL|avustajaL|botti",
        task=r"tiivistäL?|arvioi|suosittele|vastaa|kirjoita|mainitse|sano|anna|käännä|täytyy|vain",
    ),
    "pl": Phrases(
        ignore=r"(?:z)?ignoruj(?:cie)?|zignorowaćL?|zapomnij(?:cie)?|pomi[nń]L|odrzuć|nie (?:stosuj|wykonuj|przestrzegaj)",
        earlier=r"poprzednieL?|poprzednichL?|wcześniejszeL?|wcześniejszychL?|powyższeL?|powyższychL?|pierwotneL?",
        every=r"wszystkieL?|wszelkieL?|swojeL?|twojeL?",
        orders=r"instrukcj[eię]L?|poleceL|poleceni[ae]L?|wytyczneL?|wytycznychL?|promptL",
        calls=r"jeśli jesteś|jeżeli jesteś|(?:wiadomość|uwaga|instrukcj[ae]|informacja) (?:dla|do)|uwaga|drog[ia]L?",
        model=r"si|modelL? językowL|asystentL|sztuczn[aąe]j? inteligencj[aąeię]L?|botL",
        task=(
            r"podsumujL?|streśćL?|oceńL?|polećL?|odpowied[zź]L?|napiszL?|wspomnijL?|powiedzL?|podajL?|przetłumaczL?|"
            r"musiszL?|tylko"
        ),
    ),
    "cs": Phrases(
        ignore=r"ignoruj(?:te)?|zapomeň(?:te)?|nedbej(?:te)?|přeskoč(?:te)?|neřiď(?:te)? se|zahoď(?:te)?",
        earlier=r"předchozíL?|předešlL|výše uvedenL|dřívějšíL?|původníL?",
        every=r"všechn[ya]L?|veškeréL?|svéL?|vašeL?",
        orders=r"pokyn[yůu]?L?|instrukc[ei]L?|příkazL|promptL",
        calls=r"pokud (?:jsi|jste)|(?:zpráva|poznámka|pokynL|upozornění) pro|pozor",
        model=r"jazykov[ýé]mL? modelL|jazykový model|asistentL|uměl[áéo]uL? inteligencL|umělá inteligence",
        task=(
            r"shrň(?:te)?|ohodnoť(?:te)?|doporučL|odpověz(?:te)?|napiš(?:te)?|zmiň(?:te)?|řekni|řekněte|uveď(?:te)?|"
            r"přeložL|musíšL?|pouze|jen"
        ),
    ),
    "ro": Phrases(
        ignore=r"ignor[aăe]L?|uit[aăe]L?|nu (?:urma|respecta)L?|nu ține cont de",
        earlier=r"anterioareL?|precedenteL?|de mai susL?|inițialeL?",
        every=r"toateL?|tale|voastre",
        orders=r"instrucțiuni(?:le)?|instructiuni(?:le)?|indicații(?:le)?|directive(?:le)?|promptL",
        calls=r"dacă (?:ești|sunteți)|(?:notă|mesaj|instrucțiuni) (?:pentru|către)|atenție|dragăL?",
        model=r"ia|model(?:e|ul)? (?:de )?lingvisticL?|model(?:e|ul)? de limbajL?|asistentL|inteligenț[aă]L? artificialL",
        task=r"rezumL|evalueazăL?|recomand[ăa]L?|răspund[eiL]L?|scrieL?|mențion[ae]azăL?|spuneL?|tradu|trebuie|doar",
    ),
    "tr": Phrases(
        ignore=r"yoksayL?|yok sayL?|görmezden gelL?|unutL?|dikkate almaL?|uymaL?|göz ardı etL?",
        earlier=r"önceki|yukarıdaki|daha önceki|evvelki|ilk",
        every=r"tüm|bütün|her",
        orders=r"talimatL|yönergeL|komut istemL|promptL|direktifL",
        calls=r"eğer|dikkat|sevgili|için not",
        model=r"yapay zek[aâ]L|dil modeliL?|asistanL|botL?",
        task=r"özetleL?|değerlendirL?|önerL?|yanıtlaL?|cevaplaL?|yazL?|söyleL?|verL?|çevirL?|yalnızca|sadece",
    ),
    "ru": Phrases(
        ignore=(
            r"(?:про)?игнорируй(?:те)?|(?:про)?игнориров[аL]L?|забудь(?:те)?|отбрось(?:те)?|не (?:следуй|следуйте|"
            r"выполняй|выполняйте|обращай внимания на)"
        ),
        earlier=r"предыдущL|предшествующL|вышеуказаннL|прежнL|приведенн\pL* выше|изначальнL|прошлL",
        every=r"вс[её]L?|любL|твоиL?|свои|ваши",
        orders=r"инструкциL|указаниL|промптL|директивL|предписаниL",
        calls=r"если (?:ты|вы)|(?:сообщение|инструкция|примечание|внимание) для|уважаемL|внимание",
        model=r"ии|языков\pL+ модел[ьиюe]L?|ассистентL|искусственн\pL+ интеллектL?|(?:чат-?)?ботL?|нейросетL",
        task=(
            r"обобщи(?:те)?|резюмируй(?:те)?|оцени(?:те)?|(?:по)?рекомендуй(?:те)?|ответь(?:те)?|отвечай(?:те)?|"
            r"напиши(?:те)?|упомяни(?:те)?|скажи(?:те)?|выведи(?:те)?|переведи(?:те)?|должен|только"
        ),
    ),
    "uk": Phrases(
        ignore=r"(?:про)?ігноруй(?:те)?|забудь(?:те)?|відкинь(?:те)?|не (?:виконуй|дотримуйся|зважай)(?:те)?",
        earlier=r"попередн\pL+|вищезазначенL|початков\pL+|наведен\pL+ вище",
        every=r"всіL?|усіL?|будь-якL|твої|свої|ваші",
        orders=r"інструкціL|вказівкL|вказівок|промптL|директивL",
        calls=r"якщо (?:ти|ви)|(?:повідомлення|інструкція|примітка|увага) для|увага",
        model=r"ші|мовн\pL+ модел[ьіюь]L?|асистентL|штучн\pL+ інтелектL?|(?:чат-?)?ботL?",
        task=(
            r"підсумуй(?:те)?|оціни(?:те)?|порекомендуй(?:те)?|відповід\pL+|напиши(?:те)?|згадай(?:те)?|скажи(?:те)?|"
            r"переклади(?:те)?|повинен|лише|тільки"
        ),
    ),
    "el": Phrases(
        ignore=(
            r"αγνόησεL?|αγνοήστεL?|αγνόησε|ξέχασεL?|ξεχάστεL?|παράβλεψεL?|παραβλέψτεL?|μην (?:ακολουθήσ\pL+|ακολουθείς|"
            r"υπακού\pL+)"
        ),
        earlier=r"προηγούμεν\pL+|παραπάνω|αρχικ\pL+|ανωτέρω",
        every=r"όλες|όλα|σου|σας",
        orders=r"οδηγί\pL+|εντολ\pL+|προτροπ\pL+|κατευθύνσεις",
        calls=r"αν είσαι|εάν είσαι|αν είστε|(?:μήνυμα|σημείωση|οδηγίες) (?:για|προς)|προσοχή",
        model=r"τν|γλωσσικ\pL+ μοντέλ\pL+|βοηθ[όο]ςL?|τεχνητ\pL+ νοημοσύνη\pL*",
        task=(
            r"συνόψισεL?|συνοψίστε|αξιολόγησε|αξιολογήστε|πρότεινε|απάντησε|απαντήστε|γράψε|γράψτε|ανάφερε|πες|πείτε|"
            r"δώσε|μετάφρασε|πρέπει|μόνο"
        ),
    ),
    "ar": Phrases(
        ignore=r"تجاهل\pL*|تجاهلوا|انسَ?|انسى|إنس|أهمل|اهمل|لا تتبع|لا تلتزم",
        earlier=r"السابقة?|أعلاه|السالفة|الأصلية|المذكورة|الأولية",
        every=r"جميع|كل|كافة|أي",
        orders=r"ال?تعليمات|التوجيهات|توجيهات|الأوامر|أوامر|الإرشادات",
        calls=r"إذا كنت|اذا كنت|(?:ملاحظة|رسالة|تعليمات) (?:إلى|ل\pL*)|عزيزي|انتباه",
        model=r"(?:ال|لل)?ذكاء (?:ال)?[اإ]صطناعيL?|نموذج(?:ا)? لغوي\pL*|ال?نموذج ال?لغوي|مساعد\pL*|المساعد|روبوت\pL*",
        task=r"لخص|قي[ّ]?م|أوصِ?|أوصي|اوصي|أجب|اجب|رد|اكتب|أكتب|اذكر|أذكر|قل|أعط|ترجم|يجب|فقط",
    ),
    "fa": Phrases(
        ignore=r"نادیده بگیر\pL*|فراموش کن\pL*|بی‌?توجه باش|دنبال نکن\pL*|چشم‌?پوشی کن\pL*",
        earlier=r"قبلی|پیشین|بالا|فوق|اولیه|پیش از این",
        every=r"همه|تمام|هر|کلیه",
        orders=r"دستورالعمل\pL*|دستورات|دستور\pL*|راهنمایی\pL*|فرمان\pL*|پرامپت\pL*",
        calls=r"اگر|(?:پیام|یادداشت|دستور\pL*) (?:به|برای)|توجه",
        model=r"هوش مصنوعی|مدل زبانی|دستیار\pL*|ربات\pL*|چت‌?بات",
        task=(
            r"خلاصه کن\pL*|ارزیابی کن\pL*|توصیه کن\pL*|پاسخ ده\pL*|پاسخ بده\pL*|جواب بده|بنویس\pL*|ذکر کن\pL*|بگو\pL*|"
            r"ترجمه کن\pL*|باید|فقط"
        ),
    ),
    "he": Phrases(
        ignore=r"התעלם|התעלמי|התעלמו|להתעלם|שכח|שכחו|תשכח|אל (?:תציית|תעקוב|תמלא)",
        earlier=r"ה?קודמות|ה?קודמים|ה?קודם|לעיל|ה?מקוריות|ה?ראשוניות",
        every=r"כל|שלך",
        orders=r"[המב]*הוראות|[המב]*הנחיות|[המב]*פקודות|[המב]*פרומפטL?",
        calls=r"אם אתה|אם את|(?:הודעה|הערה|הוראה|הוראות) ל\pL*|לתשומת לב",
        model=r"ל?בינה מלאכותית|מודל(?:י)? שפה|ל?עוזר\pL*|צ'?אטבוט\pL*|בוט\pL*",
        task=r"סכם|סכמו|דרג|המלץ|המליצו|השב|ענה|כתוב|כתבו|ציין|אמור|תרגם|חייב|רק",
    ),
    "hi": Phrases(
        ignore=(
            r"अनदेखा (?:करें|करो|कर दें|कर दो|कीजिए)|नज़?रअंदाज़? (?:करें|करो|कर दें|कर दो|कीजिए)|भूल (?:जाओ|जाएं|जाएँ|"
            r"जाइए)|उपेक्षा (?:करें|करो)|पालन न करें"
        ),
        earlier=r"पिछल[ेाी]|पहले के|पूर्व|उपरोक्त|ऊपर के|मूल",
        every=r"सभी|सारे|सब|अपने",
        orders=r"निर्देशL|अनुदेशL|आदेशL|प्रॉम्प्ट",
        calls=r"यदि आप|अगर आप|के लिए (?:संदेश|निर्देश|सूचना)|प्रिय|ध्यान दें",
        model=r"एआई|ए\.?आई\.?|भाषा मॉडल|सहायक|कृत्रिम बुद्धिमत्ता|चैटबॉट",
        task=r"सारांश|मूल्यांकन|सिफ़?ारिश|उत्तर दें|जवाब दें|जवाब दो|लिखें|लिखो|उल्लेख|कहें|कहो|अनुवाद|केवल|सिर्फ़?",
    ),
    "id": Phrases(
        ignore=r"abaikan(?:lah)?|lupakan(?:lah)?|hiraukan|kesampingkan|jangan (?:ikuti|patuhi|hiraukan)",
        earlier=r"sebelumnya|terdahulu|di atas|awal|tadi",
        every=r"semua|seluruh|segala|anda",
        orders=r"instruksiL?|perintahL?|arahanL?|petunjukL?|prompt|pedomanL?",
        calls=r"jika (?:anda|kamu)(?: adalah)?|(?:catatan|pesan|instruksi|perhatian) (?:untuk|kepada|bagi)",
        model=r"kecerdasan buatan|model bahasaL?|asistenL?|bot",
        task=(
            r"ringkasL?|nilai|rekomendasikan|jawab(?:lah)?|balas|tulis(?:lah)?|sebutkan|katakan|berikan|terjemahkan|"
            r"harus|hanya"
        ),
    ),
    "vi": Phrases(
        ignore=r"bỏ qua|phớt lờ|quên(?: đi)?|không tuân theo|đừng tuân theo|lờ đi",
        earlier=r"trước đó|trước đây|trước|phía trên|ở trên|ban đầu",
        every=r"mọi|tất cả|toàn bộ|các",
        orders=r"hướng dẫn|chỉ dẫn|chỉ thị|lệnh|lời nhắc|câu lệnh|prompt",
        calls=r"nếu bạn là|(?:thông báo|lưu ý|tin nhắn|chỉ dẫn) (?:cho|tới|dành cho)",
        model=r"trí tuệ nhân tạo|mô hình ngôn ngữ|trợ lý(?: ảo)?",
        task=r"tóm tắt|đánh giá|giới thiệu|đề xuất|trả lời|viết|nhắc đến|đề cập|nói|dịch|phải|chỉ",
    ),
    "th": Phrases(
        ignore=r"เพิกเฉย|ละเว้น|ไม่ต้องสนใจ|อย่าสนใจ|ลืม|ไม่ต้องทำตาม|อย่าทำตาม|ละทิ้ง",
        earlier=r"ก่อนหน้า|ที่ผ่านมา|ข้างต้น|ข้างบน|เดิม",
        every=r"ทั้งหมด|ทุก",
        orders=r"คำสั่ง|คำแนะนำ|พรอมต์|พรอมท์",
        calls=r"หากคุณ|ถ้าคุณ|ข้อความถึง",
        model=r"ปัญญาประดิษฐ์|โมเดลภาษา|แบบจำลองภาษา|เอไอ|ผู้ช่วย|แชตบอต|แชทบอท",
        task=r"สรุป|ให้คะแนน|แนะนำ|ตอบ|เขียน|กล่าวถึง|พูด|แปล|ต้อง|เท่านั้น",
        spaced=False,
    ),
    "zh": Phrases(
        ignore=r"忽略|无视|無視|忘记|忘記|忘掉|不要理会|不要理會|不要遵守|不要遵循|跳过|跳過|丢弃|覆盖",
        earlier=r"之前|以前|先前|前面|上面|上述|以上|此前|原有|原来|原來|最初",
        every=r"所有|全部|一切|任何|你的|您的",
        orders=r"指令|指示|提示词?|提示詞|命令|要求|系统提示|系統提示",
        calls=r"如果你是|如果您是|若你是|假如你是|请注意|請注意",
        model=r"人工智能|人工智慧|大?语言模型|大?語言模型|大模型|智能助手|助手|机器人|機器人|爬虫|爬蟲",
        task=(
            r"总结|總結|概括|评价|評價|评分|評分|推荐|推薦|回复|回覆|回答|输出|輸出|提及|写|寫|说|說|翻译|翻譯|必须|必須|"
            r"只能|务必"
        ),
        spaced=False,
    ),
    "ja": Phrases(
        ignore=r"無視|忘れ|破棄|従わない|従うな|守らない|上書き",
        earlier=r"以前の|これまでの|前の|上記の?|上の|先の|先ほどの|元の|当初の|それまでの",
        every=r"すべての?|全ての?|あらゆる|全部の?|あなたの",
        orders=r"指示|命令|プロンプト|指令|インストラクション",
        calls=r"あなたが|もしあなたが|へのお?知らせ|への指示|へのメッセージ|各位",
        model=r"人工知能|言語モデル|アシスタント|チャットボット|ボット|生成ai|クローラー?",
        task=r"要約|評価|推薦|推奨|おすすめ|返信|回答|答え|出力|言及|書[いくけき]|述べ|翻訳|必ず|だけ|のみ",
        spaced=False,
    ),
    "ko": Phrases(
        ignore=r"무시\pL*|잊어\pL*|잊으\pL*|따르지 ?\pL*|건너뛰\pL*|폐기\pL*",
        earlier=r"이전\pL*|앞선|앞의|위의?|기존\pL*|지금까지의|원래의?|초기",
        every=r"모든|전부|일체의?|당신의",
        orders=r"지시\pL*|명령\pL*|지침\pL*|프롬프트\pL*",
        calls=r"만약|당신이|네가|에게",
        model=r"ai[가-힣]+|인공지능\pL*|인공 지능\pL*|언어 ?모델\pL*|어시스턴트\pL*|챗봇\pL*|봇이?",
        task=(
            r"요약\pL*|평가\pL*|추천\pL*|답변\pL*|대답\pL*|응답\pL*|작성\pL*|출력\pL*|언급\pL*|말하\pL*|말해\pL*|"
            r"번역\pL*|반드시|오직|만"
        ),
    ),
}
