"""Lists the words of which the made-up records are composed, awkward ones first."""

# Every third company has one of these, as long as they last; small worlds see the first ones only.
AWKWARD_COMPANIES = (
    "Smith/Jones Family Law",
    "Müller & Söhne Präzisionstechnik",
    'O\'Brien "Ironworks" Ltd.',
    "  Lakeside Dental ",
    "Back\\Slash Media",
    "Café Olé ☕ Roasters",
    "שלום ייבוא ויצוא",
    "Hernández y Peña S.L.",
    "東方貿易 Trading",
    "C&A <Catering> 100% Fresh",
    "شركة النور للتجارة",
    "Ångström Optics A/S",
    "L'Épicerie d'Étienne",
    "N/A Consulting",
    "🚀 Rocket & Sons",
    "Żółw i Jeż Sp. z o.o.",
    "Tab\tStop Printing",
    "Union [West] #3, Inc.",
    "und/oder Werbeagentur",
    "The `Backtick` *Bold* _Agency_",
)
NAMESAKE_COMPANY = "Northwind Logistics"

COMPANY_WORDS = (
    "Alder", "Amber", "Ashford", "Beacon",
    "Birchwood", "Bluewater", "Bridgeport", "Brookside", "Canyon", "Cedar", "Clearview", "Copperfield",
    "Crestline", "Delta", "Eastgate", "Elmwood", "Evergreen", "Fairview", "Falcon", "Foxglove",
    "Granite", "Greenfield", "Harbor", "Hawthorne", "Hillcrest", "Ironbridge", "Juniper", "Keystone",
    "Lakeshore", "Laurel", "Linden", "Maple", "Meridian", "Millstone", "Northgate", "Oakridge",
    "Orchard", "Pinnacle", "Prairie", "Quarry", "Redwood", "Ridgeway", "Riverside", "Sable",
    "Sandstone", "Silverlake", "Stonebrook", "Summit", "Sycamore", "Tamarack", "Thornbury",
    "Timberline", "Valley", "Vantage", "Westbrook", "Whitfield", "Willow", "Windmill", "Wolfe",
    "Yarrow",
)  # fmt: skip
COMPANY_TRADES = (
    "Accounting", "Animal Hospital", "Architects", "Auto Body", "Bakery", "Brewing Co.", "Builders",
    "Chiropractic", "Clinic", "Coatings", "County Library", "Credit Union", "Dental Group",
    "Dispatch/911", "Electric", "Engineering", "Eye Care", "Farm Supply", "Financial", "Flooring",
    "Foods", "Freight", "Funeral Home", "Furniture", "Garden Center", "Heating & Cooling", "Insurance",
    "Interiors", "Law/Title", "Machine Works", "Marketing", "Medical", "Metals", "Montessori",
    "Orthodontics", "Packaging", "Pediatrics", "Pharmacy", "Plumbing", "Police Department", "Printing",
    "Property Mgmt", "Realty", "Sales/Service", "School District", "Senior Living", "Staffing",
    "Surveying", "Title Co.", "Veterinary",
)  # fmt: skip

FIRST_NAMES = (
    "Aaron", "Abigail", "Aisha", "Alejandra", "Amélie", "Ana", "Andre", "Anil", "Astrid", "Beatriz",
    "Ben", "Björn", "Bridget", "Carlos", "Carmen", "Chloe", "Claire", "Dana", "Daniel", "Derek",
    "Diego", "Donna", "Elena", "Emily", "Eric", "Esra", "Ethan", "Fatima", "Felix", "Frank", "Grace",
    "Greg", "Hannah", "Hiro", "Ian", "Inès", "Irina", "Isaac", "Jamal", "Jasmine", "Jason", "Joan",
    "John", "Jürgen", "Karen", "Katja", "Kenji", "Kevin", "Laura", "Leila", "Linda", "Luis", "Maria",
    "Marcus", "Megan", "Mohammed", "Monica", "Nadia", "Nathan", "Nguyen", "Noémie", "Olivia", "Omar",
    "Patricia", "Pavel", "Peter", "Priya", "Quinn", "Rachel", "Ravi", "Rosa", "Ruth", "Samir", "Sarah",
    "Sean", "Sofia", "Søren", "Stephanie", "Svetlana", "Tanya", "Thomas", "Tomás", "Uma", "Victor",
    "Wanda", "Wei", "Xavier", "Yasmin", "Yuki", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Adams", "Ahmed", "Andersen", "Bailey", "Baker", "Bauer", "Bianchi", "Brooks", "Carter", "Chen",
    "Clark", "Cohen", "Cruz", "Díaz", "Dubois", "Edwards", "Eriksson", "Evans", "Fischer", "Flores",
    "Foster", "García", "Gibson", "Goldberg", "Gray", "Gupta", "Hall", "Hansen", "Harris", "Hayes",
    "Hoffmann", "Hughes", "Ivanova", "Jackson", "Jensen", "Johnson", "Kaminski", "Kaur", "Kelly",
    "Khan", "Kim", "Kowalski", "Larsen", "Lee", "Lopez", "Martin", "McCarthy", "Meyer", "Mitchell",
    "Morales", "Murphy", "Nakamura", "Novak", "Núñez", "Okafor", "Olsen", "Ortiz", "Park", "Patel",
    "Perry", "Peterson", "Popov", "Quinn", "Ramirez", "Reed", "Rivera", "Robinson", "Rossi", "Russo",
    "Sanchez", "Schmidt", "Shah", "Silva", "Singh", "Smith", "Sørensen", "Stewart", "Suzuki", "Tanaka",
    "Taylor", "Thompson", "Torres", "Turner", "Vasquez", "Vogel", "Walker", "Wang", "Weber", "White",
    "Wilson", "Wright", "Yamamoto", "Young", "Zhang", "Zimmermann",
)  # fmt: skip
AWKWARD_CONTACTS = (
    'Robert "Bob" O\'Neil',
    "Front Desk / Reception",
    "דנה כהן",
    " Maria  Lopez ",
    "Zoë 🐝 Baker",
    "محمد العلي",
    "Accounts\\Payable",
    "李小龍",
    "Jean-François d'Arc, Ph.D.",
    "<scanner@office>",
)
TITLES = (
    "Office Manager",
    "Accountant", "Owner", "CEO", "CFO", "Receptionist", "Sales Associate", "Project Manager",
    "Dental Hygienist", "Paralegal", "Warehouse Lead", "HR Director", "Operations Manager", "Estimator",
    "Nurse Practitioner", "Field Technician", "Marketing Coordinator", "Dispatcher", "Shop Foreman",
    "Intern",
)  # fmt: skip
EMPLOYMENT_TYPES = ("Full Time", "Part Time", "Contractor", "Intern", "Seasonal")

SHARED_HOSTNAMES = ("DC01", "FS01", "PRINT01", "DESKTOP-1", "RECEPTION")
AWKWARD_HOSTNAMES = (
    "front/desk",
    "MacBook Pro de José",
    "EMPFANG-Ü1",
    " Conference Room 2 ",
    'Sarah\'s "new" laptop',
    "🖨-kiosk",
    "lab\\bench-3",
    "מחשב-קבלה",
)
DEVICES = (
    ("Laptop", "Dell Latitude 5540", "LT"),
    ("Laptop", "Lenovo ThinkPad T14 Gen 4", "LT"),
    ("Laptop", "HP EliteBook 840 G10", "LT"),
    ("Laptop", "Apple MacBook Pro 14", "MAC"),
    ("Desktop", "Dell OptiPlex 7010", "WS"),
    ("Desktop", "HP ProDesk 400 G9", "WS"),
    ("Desktop", "Lenovo ThinkCentre M70q", "WS"),
    ("Server", "Dell PowerEdge R450", "SRV"),
    ("Virtual Machine", "VMware Virtual Platform", "VM"),
)
WINDOWS = (
    "Microsoft Windows 11 Pro 10.0.22631",
    "Microsoft Windows 11 Pro 10.0.26100",
    "Microsoft Windows 10 Pro 10.0.19045",
)
SERVERS = (
    "Microsoft Windows Server 2022 Standard",
    "Microsoft Windows Server 2019 Standard",
    "Ubuntu 22.04.4 LTS",
)
MACS = ("macOS 15.1 Sequoia", "macOS 14.6 Sonoma")
ANTIVIRUS = (
    "SentinelOne",
    "Microsoft Defender",
    "Webroot SecureAnywhere",
    "Bitdefender GravityZone",
    "Not Detected",
)

STREETS = (
    "Main Street",
    "Oak Avenue",
    "Industrial Parkway",
    "2nd Street",
    "Harbor Road",
    "Mill Lane",
    "County Road 9",
)
CITIES = (
    "Springfield, IL 62701",
    "Portland, OR 97205",
    "Duluth, MN 55802",
    "Québec, QC G1R 4P5",
    "Zürich 8001",
)
OFFICES = (
    "Main Office",
    "Headquarters",
    "Warehouse",
    "North Branch",
    "Clinic B/C",
    "Remote Site",
    "Büro Süd",
)
PLANS = ("Basic", "Professional", "Premium", "Break-Fix", "Co-Managed", "Legacy 2019")
TERMS = ("1-Year", "2-Year", "3-Year", "Month to Month")
SUPPORT_LEVELS = ("All Inclusive", "Billed Hourly", "Co-Managed IT")
PHONE_SYSTEMS = ("RingCentral", "3CX", "Microsoft Teams Phone", "Avaya IP Office", "Zoom Phone")
EMAIL_SYSTEMS = ("Microsoft 365", "Google Workspace", "Exchange 2019", "Zoho Mail")
DESCRIPTIONS = (
    "Client since the merger; two offices, one server room. After hours: call the owner's mobile first.",
    "Seasonal business: no changes between Thanksgiving and New Year.",
    "Multi-site practice.\nVendor for the line-of-business application has remote access on request.",
    "<p>Fully managed. <b>Do not</b> reboot servers before 19:00.</p>",
    "Billing through the parent company; see the master agreement.",
)
TECHNICIANS = (
    "maya.lindqvist@msp.example",
    "tom.becker@msp.example",
    "helpdesk@msp.example",
    "priyanka.rao@msp.example",
    "oncall@msp.example",
)
