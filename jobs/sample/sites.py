"""The hosts of the little web. Their names end in .example and .test (RFC 2606): nobody can own them."""

from jobs.sample.layout import Site

SITES = (
    Site(
        host="www.almanac.example", language="en", name="The Tinkerer's Almanac",
        links=("Home", "Kitchen", "Workshop", "Sky and Sea", "About", "Contact"),
        related="Read next",
        notice="We use cookies to remember where you stopped reading. Accept all | Reject all | Settings",
        rights="© The Tinkerer's Almanac. All rights reserved. Privacy policy · Terms of use · Imprint",
    ),
    Site(
        host="fieldnotes.example", language="en", name="Field Notes",
        links=("Start", "Archive", "Tags", "RSS"),
        related="Older posts",
        notice="Subscribe to our newsletter. No spam, unsubscribe at any time.",
        rights="Written by hand. Powered by a very small computer.",
        layout="divs",
    ),
    Site(
        host="werkbank.example", language="de", name="Die Werkbank",
        links=("Startseite", "Küche", "Werkstatt", "Natur", "Über uns", "Impressum"),
        related="Das könnte Sie auch interessieren",
        notice="Diese Seite verwendet Cookies. Alle annehmen | Ablehnen | Einstellungen",
        rights="© Die Werkbank. Alle Rechte vorbehalten. Datenschutz · Impressum",
        layout="divs",
    ),
    Site(
        host="lecarnet.example", language="fr", name="Le Carnet",
        links=("Accueil", "Cuisine", "Sciences", "Histoire", "À propos", "Contact"),
        related="À lire aussi",
        notice="Nous utilisons des cookies pour améliorer votre visite. Tout accepter | Tout refuser | Personnaliser",
        rights="© Le Carnet. Tous droits réservés. Mentions légales · Confidentialité",
    ),
    Site(
        host="cuaderno.example", language="es", name="El Cuaderno",
        links=("Inicio", "Cocina", "Ciencia", "Historia", "Contacto"),
        related="Artículos relacionados",
        notice="Utilizamos cookies propias y de terceros. Aceptar | Rechazar | Configurar",
        rights="© El Cuaderno. Todos los derechos reservados. Aviso legal · Privacidad",
        layout="tables",
    ),
    Site(
        host="taccuino.example", language="it", name="Il Taccuino",
        links=("Home", "Cucina", "Scienza", "Storia", "Contatti"),
        related="Leggi anche",
        notice="Questo sito utilizza i cookie. Accetta tutti | Rifiuta | Preferenze",
        rights="© Il Taccuino. Tutti i diritti riservati. Informativa sulla privacy",
        layout="divs",
    ),
    Site(
        host="caderno.example", language="pt", name="O Caderno",
        links=("Início", "Cozinha", "Ciência", "História", "Contato"),
        related="Leia também",
        notice="Usamos cookies para melhorar a sua experiência. Aceitar | Recusar | Configurar",
        rights="© O Caderno. Todos os direitos reservados. Política de privacidade",
    ),
    Site(
        host="tetrad.example", language="ru", name="Тетрадь",
        links=("Главная", "Кухня", "Наука", "История", "Контакты"),
        related="Читайте также",
        notice="Мы используем файлы cookie. Принять все | Отклонить | Настройки",
        rights="© Тетрадь. Все права защищены. Политика конфиденциальности",
        layout="tables",
    ),
    Site(
        host="notatnik.example", language="pl", name="Notatnik",
        links=("Strona główna", "Kuchnia", "Nauka", "Kontakt"),
        related="Czytaj dalej",
        notice="Ta strona używa plików cookie. Akceptuję | Odrzucam | Ustawienia",
        rights="© Notatnik. Wszelkie prawa zastrzeżone.",
        layout="divs",
    ),
    Site(
        host="techo.example", language="ja", name="手帖",
        links=("ホーム", "台所", "自然", "歴史", "お問い合わせ"),
        related="関連記事",
        notice="当サイトではクッキーを使用しています。同意する | 拒否する | 設定",
        rights="© 手帖編集部 無断転載を禁じます プライバシーポリシー",
    ),
    Site(
        host="biji.example", language="zh", name="随手笔记",
        links=("首页", "厨房", "自然", "历史", "联系我们"),
        related="相关文章",
        notice="本网站使用 Cookie。全部接受 | 拒绝 | 设置",
        rights="© 随手笔记 版权所有 隐私政策",
        layout="divs",
    ),
    Site(
        host="daftar.example", language="ar", name="الدفتر",
        links=("الرئيسية", "المطبخ", "العلوم", "التاريخ", "اتصل بنا"),
        related="اقرأ أيضًا",
        notice="نستخدم ملفات تعريف الارتباط. قبول الكل | رفض | الإعدادات",
        rights="© الدفتر. جميع الحقوق محفوظة. سياسة الخصوصية",
        right_to_left=True,
    ),
    Site(
        host="yaddasht.example", language="fa", name="یادداشت",
        links=("خانه", "آشپزخانه", "دانش", "تاریخ", "تماس با ما"),
        related="بیشتر بخوانید",
        notice="این سایت از کوکی استفاده می‌کند. پذیرش همه | رد کردن | تنظیمات",
        rights="© یادداشت. همهٔ حقوق محفوظ است.",
        layout="tables",
        right_to_left=True,
    ),
    Site(
        host="patrika.example", language="hi", name="पत्रिका",
        links=("मुखपृष्ठ", "रसोई", "विज्ञान", "इतिहास", "संपर्क"),
        related="यह भी पढ़ें",
        notice="यह वेबसाइट कुकीज़ का उपयोग करती है। स्वीकार करें | अस्वीकार करें | सेटिंग",
        rights="© पत्रिका। सर्वाधिकार सुरक्षित। गोपनीयता नीति",
    ),
)
REPRINTS = Site(
    host="reprints.test", language="en", name="Reprints Daily",
        links=("Latest", "World", "Life", "Advertise with us"),
    related="Trending now",
        notice="Allow notifications to never miss a story!",
        rights="Content is aggregated from the web.",
        layout="divs",
)
DEALS = Site(
    host="cheap-deals-4u.test", language="en", name="Best Cheap Deals 4U",
        links=("BUY NOW", "Coupons", "Hot deals", "Casino"),
    related="Other shoppers liked",
        notice="Limited offer!!! Click here!!!",
        rights="best cheap deals, cheap deals online, deals 4u",
        layout="tables",
)
BAIT = Site(
    host="bait.test", language="en", name="Grandma's Table",
        links=("Recipes", "About me"),
        related="More recipes",
    notice="This page may contain affiliate links.",
        rights="© Grandma's Table.",
)
PYTHON_HOST = "pydoc.example"
