"""Function words of many languages: a page of running text holds several, a list of part numbers none (Gopher's stop-word rule).

English is the list of the Gopher paper (A1.1). The others were written for this project after its pattern: frequent articles,
prepositions, conjunctions, pronouns and auxiliaries, lower case, as they stand alone between spaces. Where words are not
separated, `PARTICLES` lists character sequences to find anywhere in the text.
"""

STOP_WORDS: dict[str, tuple[str, ...]] = {
    language: tuple(words.split())
    for language, words in {
        "en": "the be to of and that have with",
        "ar": "في من على إلى أن عن التي الذي هذا هذه مع كان لا ما أو ذلك بين كل",
        "bg": "и на за от да се не че по като са или който това към може при със",
        "bn": "এবং এই করে করা হয় থেকে জন্য একটি না ও তার যে কোন সঙ্গে",
        "ca": "el la els les de del i a en que un una per amb és no es o com si més aquest",
        "cs": "a v na je se že pro s z do jako které nebo to by být jsou není pokud jsem",
        "da": "og i at er en et den det der til på for med af som ikke kan de fra hvis",
        "de": "der die das und in den von zu mit ist auf für nicht sich ein eine dem des als auch werden oder",
        "el": "και το να η του της ο την με για είναι που από τα στο τον των σε δεν στην ένα θα ή",
        "es": "el la los las de del y a en que un una por con es no se para o como su más este",
        "et": "ja on ei et see kui ka ning oma või mis selle aga seda siis nii kes ta",
        "fa": "و در به از که این را با است برای آن یک خود تا بر هم می شود یا",
        "fi": "ja on ei se että tai jos voi joka kun ovat kuin myös mutta ole niin voit sen tämä",
        "fr": "le la les de des du et à en que un une pour avec est ne pas se dans sur ou par plus ce",
        "he": "של את על לא הוא זה עם או היא כי גם כל אם יש אני זו אל",
        "hi": "के का की में है और से को पर यह कि एक हैं नहीं भी ने कर लिए या इस",
        "hr": "i u je na se da za su od s kao koji ne ili to iz biti što može ako",
        "hu": "a az és hogy nem is egy meg ez de ha vagy csak volt mint kell lehet van azt",
        "id": "yang dan di dari untuk dengan ini itu pada adalah tidak akan atau dalam ke anda dapat oleh sebagai juga",
        "it": "il la i le di del e a in che un una per con è non si da o come più della questo sono",
        "ko": "및 수 있습니다 있는 이 그 것 등 또는 더 할 한 하는 대한 위해 다른 때 합니다 모든 경우 있다 같은",
        "lt": "ir yra kad su į iš ar tai bet kaip nuo už jis dėl buvo jo apie savo gali po",
        "lv": "un ir ka ar no uz par vai kas tas kā arī pie bet tā lai nav pēc var šo",
        "ms": "yang dan di dari untuk dengan ini itu pada adalah tidak akan atau dalam ke boleh oleh sebagai juga",
        "nb": "og i at er en et den det som til på for med av ikke kan de fra har om",
        "nl": "de het een en van in is dat op te voor met niet zijn aan die als door wordt of kan",
        "nn": "og i at er ein eit den det som til på for med av ikkje kan dei frå har om",
        "no": "og i at er en et den det som til på for med av ikke kan de fra har om",
        "pl": "i w na z do nie się jest że to o jak po dla przez lub są od być może który",
        "pt": "o a os as de do da e em que um uma por com é não se para ou como mais no na",
        "ro": "și în de la cu pe care nu un o din este să sau pentru ca mai sunt prin dacă al",
        "ru": "и в не на с что как это по для из к или от его но если то же при может",
        "sk": "a v na je sa že pre s z do ako ktoré alebo to by byť sú nie ak som",
        "sl": "in v je na se da za so od s kot ki ne ali to iz biti po pri če",
        "sq": "dhe në e të i për me nga që një është nuk si ka do më ose kjo",
        "sr": "и у је на се да за су од са као који не или то из i u je na da za su od kao koji ne ili to",
        "sv": "och i att är en ett den det som till på för med av inte kan de från om har",
        "sw": "na ya wa kwa ni katika za la cha kuwa hii au kama si yake lakini pia hiyo",
        "ta": "ஒரு மற்றும் இந்த என்று அது அந்த என்ன உள்ள என இது தான் போது",
        "tl": "ang ng sa na mga at ay ito hindi may kung si para o niya siya nito",
        "tr": "ve bir bu için ile de da olarak olan gibi çok daha ne o değil veya kadar sonra her",
        "uk": "і в не на що з як це до та за у або від для його але якщо то при може",
        "ur": "کے کی میں ہے اور سے کا کو پر یہ کہ ایک نے نہیں ہیں بھی اس تو",
        "vi": "và của là có trong được các cho không một những để với này từ người khi bạn đã hoặc",
    }.items()
}

PARTICLES: dict[str, tuple[str, ...]] = {
    "ja": ("の", "は", "を", "に", "が", "と", "で", "です", "ます", "する", "から", "この"),
    "km": ("និង", "ជា", "បាន", "នៅ", "ការ", "ដែល", "ក្នុង", "របស់", "នេះ", "ពី"),
    "lo": ("ແລະ", "ໃນ", "ຂອງ", "ທີ່", "ເປັນ", "ການ", "ໄດ້", "ມີ", "ນີ້", "ໃຫ້"),
    "my": ("သည်", "များ", "နှင့်", "တွင်", "မှ", "ကို", "ရန်", "ဖြစ်", "၏", "ခဲ့"),
    "th": ("และ", "ใน", "ของ", "ที่", "เป็น", "การ", "ได้", "มี", "นี้", "ให้", "จะ", "ไม่"),
    "zh": ("的", "是", "不", "了", "在", "有", "和", "或", "这", "這", "个", "個", "以", "为", "為", "可"),
}
